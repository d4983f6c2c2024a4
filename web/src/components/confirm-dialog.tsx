import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import classes from './confirm-dialog.module.css';

type ConfirmDialogProps = {
  title: string;
  /** What will happen, and to which data. */
  children: ReactNode;
  /** What the button does, as a verb: "Delete", "Stop". */
  action: string;
  /** Red, for what cannot be undone. */
  isDangerous?: boolean;
  /** The button waits, for instance for a name to be typed. */
  isBlocked?: boolean;
  isBusy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something is done. Mounted means open; Escape and "Keep it as it is" close it. The browser holds the focus inside; then it goes back to where it was. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, action, isDangerous = false, isBlocked = false, isBusy = false, onConfirm, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const { current } = dialog;
    const before = document.activeElement;
    current?.showModal();
    return () => {
      current?.close();
      // The dialog is off the page by now, and the browser gives back no focus of what is gone.
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classes.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId} className={classes.title}>
        {title}
      </h2>
      <div className={classes.body}>{children}</div>
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          Keep it as it is
        </Button>
        <Button
          data-danger={isDangerous}
          className={classes.confirm ?? ''}
          disabled={isBlocked}
          loading={isBusy}
          onClick={onConfirm}
        >
          {action}
        </Button>
      </div>
    </dialog>
  );
}
