/** 下次跟进: a moment by one click or in words, and what to be reminded of. */
import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { DateField } from '../../components/fields/DateField';
import { isEmpty } from '../../components/fields/values';
import { tried } from '../../data/writes';
import type { JsonValue } from '../../transport/contract';
import { FOLLOW_UP_CHOICES, followUpAt } from './follow-up';

interface FollowUpProps {
  id: string;
  at: JsonValue;
  title: string;
  /** What the reminder is called when no title is given. */
  titleHint: string;
  status: 'error' | '';
  onAt(at: JsonValue): void;
  onTitle(title: string): void;
}

const TEST_IDS = {
  tomorrow: 'follow-up-tomorrow',
  inThreeDays: 'follow-up-in-three-days',
  nextWeek: 'follow-up-next-week',
  nextWorkday: 'follow-up-next-workday',
};

export function FollowUp({ id, at, title, titleHint, status, onAt, onTitle }: FollowUpProps) {
  const { t } = useTranslation();
  return (
    <div className="follow-up">
      <div className="follow-up-choices" role="group" aria-label={t('interactions.followUp')}>
        {FOLLOW_UP_CHOICES.map((choice) => (
          <Button
            key={choice}
            size="small"
            data-testid={TEST_IDS[choice]}
            onClick={async () => {
              const chosen = await tried(followUpAt(choice));
              if (chosen !== null) onAt(chosen);
            }}
          >
            {t(`interactions.when.${choice}`)}
          </Button>
        ))}
      </div>
      <DateField
        id={id}
        withTime
        value={at}
        status={status}
        aria-label={t('interactions.followUp')}
        data-testid="follow-up-at"
        onChange={onAt}
      />
      {isEmpty(at) ? null : (
        <Input
          value={title}
          maxLength={200}
          autoComplete="off"
          placeholder={titleHint}
          aria-label={t('interactions.followUpTitle')}
          data-testid="follow-up-title"
          onChange={(event) => onTitle(event.target.value)}
        />
      )}
    </div>
  );
}
