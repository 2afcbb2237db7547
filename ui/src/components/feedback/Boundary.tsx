/** A fault while drawing: the rest of the window stays, and what happened is said in the person's language. */
import { Component, type ReactNode } from 'react';
import { TransportError } from '../../transport/transport';
import { ErrorBlock } from './ErrorBlock';

/** In place of what could not be drawn. The fault itself stands in the log; people get a code for it. */
export function NotDrawn({ onRetry }: { onRetry(): void }) {
  return <ErrorBlock error={new TransportError('not_drawn')} onRetry={onRetry} />;
}

export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <NotDrawn onRetry={() => this.setState({ failed: false })} />
    ) : (
      this.props.children
    );
  }
}
