/** One sign for each state of the sync; never the only one: a word stands beside it. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  DisconnectOutlined,
  ExclamationCircleFilled,
  LaptopOutlined,
  PauseCircleOutlined,
  SyncOutlined,
} from '@ant-design/icons';
import type { SyncPhase } from '../../transport/contract';

export function PhaseIcon({ phase }: { phase: SyncPhase }) {
  switch (phase) {
    case 'up_to_date':
      return <CheckCircleOutlined aria-hidden />;
    case 'syncing':
      return <SyncOutlined spin aria-hidden />;
    case 'waiting':
      return <ClockCircleOutlined aria-hidden />;
    case 'offline':
      return <DisconnectOutlined aria-hidden />;
    case 'paused':
      return <PauseCircleOutlined aria-hidden />;
    case 'stopped':
      return <ExclamationCircleFilled aria-hidden />;
    case 'alone':
      return <LaptopOutlined aria-hidden />;
  }
}
