/** Leaving a form: what was typed is not thrown away without a question. */
import { mayDiscard } from '../../app/unsaved';

/** Closes, once a person agrees to lose what was typed, and does what comes after it. */
export const leaving =
  (dirty: boolean, close: () => void) =>
  async (then?: () => void): Promise<void> => {
    if (dirty && !(await mayDiscard())) return;
    close();
    then?.();
  };
