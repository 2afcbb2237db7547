/** The bell of the top bar: how many reminders wait, and the way to them. */
import { BellOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Badge, Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { useReminderCounts } from './use-reminders';

export function ReminderBell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const counts = useReminderCounts();
  const waiting = counts ? counts.overdue + counts.today : 0;
  const label = waiting ? t('places.remindersDue', { count: waiting }) : t('places.noReminders');
  return (
    <Tooltip title={label} placement="bottom">
      <Badge count={waiting} size="small" overflowCount={99} offset={[-4, 4]}>
        <Button
          type="text"
          icon={<BellOutlined />}
          aria-label={label}
          data-testid="reminder-bell"
          onClick={() =>
            void navigate({
              to: '/reminders',
              search: { tab: counts?.overdue ? 'overdue' : 'today' } as never,
            })
          }
        />
      </Badge>
    </Tooltip>
  );
}
