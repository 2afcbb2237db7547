/** A question before something that is not simply taken back, asked from anywhere and answered yes or no. */
import { create } from 'zustand';

export interface Question {
  title: string;
  text?: string;
  /** What yes does. */
  ok: string;
  /** What no does; 取消 where absent. */
  cancel?: string;
  danger?: boolean;
  /** What can be done before the answer, e.g. copying what would be lost; the question stays. */
  before?: { label: string; run(): void };
}

interface Asked extends Question {
  answer(yes: boolean): void;
}

export const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }));

export function ask(question: Question): Promise<boolean> {
  // A newer question takes the place of one that nobody answered: that one is a no.
  useAsked.getState().asked?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      useAsked.setState({ asked: null });
      resolve(yes);
    };
    useAsked.setState({ asked: { ...question, answer } });
  });
}
