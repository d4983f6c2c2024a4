import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
// Before the components, whose own styles change these.
import './app/mantine-styles.ts';
import './app/page.css';
import { App } from './app/app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has lost its root.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
