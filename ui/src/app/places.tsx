/** The places of the navigation, in its order. A place that is not built is not listed. */
import {
  BankOutlined,
  BellOutlined,
  DeleteOutlined,
  FundOutlined,
  ImportOutlined,
  MessageOutlined,
  ProjectOutlined,
  SettingOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';

export interface Place {
  key:
    | 'customers'
    | 'contacts'
    | 'opportunities'
    | 'board'
    | 'interactions'
    | 'reminders'
    | 'imports'
    | 'recycleBin'
    | 'settings';
  path: string;
  icon: ReactNode;
  /** Second key after G. */
  key2: string;
  /** Set apart at the foot of the navigation. */
  foot?: boolean;
}

export const PLACES: Place[] = [
  { key: 'customers', path: '/customers', icon: <BankOutlined />, key2: 'c' },
  { key: 'contacts', path: '/contacts', icon: <TeamOutlined />, key2: 'p' },
  { key: 'opportunities', path: '/opportunities', icon: <FundOutlined />, key2: 'o' },
  { key: 'board', path: '/board', icon: <ProjectOutlined />, key2: 'b' },
  { key: 'interactions', path: '/interactions', icon: <MessageOutlined />, key2: 'i' },
  { key: 'reminders', path: '/reminders', icon: <BellOutlined />, key2: 'r' },
  { key: 'imports', path: '/import', icon: <ImportOutlined />, key2: 'm' },
  { key: 'recycleBin', path: '/recycle-bin', icon: <DeleteOutlined />, key2: 't', foot: true },
  { key: 'settings', path: '/settings', icon: <SettingOutlined />, key2: 's', foot: true },
];
