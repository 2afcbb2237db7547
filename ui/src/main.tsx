/** Starts the window: chooses the wire to the core, then shows the app. */
import './theme/index.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { chooseWire } from './transport/choose';
import { connect } from './transport/transport';

const root = document.querySelector('#root');
if (root) {
  void chooseWire().then((wire) => {
    connect(wire);
    createRoot(root).render(<App />);
  });
}
