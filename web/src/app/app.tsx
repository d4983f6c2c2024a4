import { createTheme, localStorageColorSchemeManager, MantineProvider, Skeleton } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ApiError } from '../api/client.ts';
import { keepFocus } from './keep-focus.ts';
import { router } from './routes.tsx';

const theme = createTheme({
  ...{ primaryColor: 'cyan', cursorType: 'pointer', respectReducedMotion: true },
  // What is still being read is said to screen readers; a name alone would be no word on a plain element.
  components: { Skeleton: Skeleton.extend({ defaultProps: { role: 'status' } }) },
});
// The key that public/color-scheme.js reads before anything is drawn.
const colorSchemeManager = localStorageColorSchemeManager({ key: 'mistnet-color-scheme' });
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused stays refused; what didn't reach it is asked again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      staleTime: 5_000,
    },
  },
});

export function App() {
  useEffect(() => keepFocus(document), []);
  return (
    <MantineProvider
      theme={theme}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      // Both would be written into the page as style elements, which its policy forbids: page.css holds what differs.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
