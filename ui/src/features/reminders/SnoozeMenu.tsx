/** 稍后: 10 minutes, an hour, tomorrow, the next workday, or a time of one's own. */
import { ClockCircleOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { editRecord } from '../../app/panels';
import { type ReminderLike, SNOOZES, type Snooze, snoozeReminder } from './deeds';

interface SnoozeMenuProps {
  reminder: ReminderLike;
  /** Opened from outside, by a key; by itself where absent. */
  open?: boolean;
  onOpen?(open: boolean): void;
  onSnoozed?(): void;
  size?: 'small' | 'middle';
}

const OTHER = 'other';

export function SnoozeMenu({ reminder, open, onOpen, onSnoozed, size = 'small' }: SnoozeMenuProps) {
  const { t } = useTranslation();
  return (
    <Dropdown
      trigger={['click']}
      autoFocus
      {...(open === undefined ? {} : { open })}
      {...(onOpen ? { onOpenChange: onOpen } : {})}
      menu={{
        items: [...SNOOZES, OTHER].map((key) => ({
          key,
          label: (
            <span data-testid={`snooze-${key}`}>{t(`reminders.snoozeUntil.${key as Snooze | 'other'}`)}</span>
          ),
        })),
        onClick: async ({ key, domEvent }) => {
          domEvent.stopPropagation();
          onOpen?.(false);
          if (key === OTHER) editRecord('reminder', reminder.id);
          else if (await snoozeReminder(reminder, key as Snooze)) onSnoozed?.();
        },
      }}
    >
      <Button size={size} icon={<ClockCircleOutlined />} data-testid="reminder-snooze">
        {t('reminders.snooze')}
      </Button>
    </Dropdown>
  );
}
