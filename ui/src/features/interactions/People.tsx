/** Who took part: a click for each of the customer's people, a search where they are many. */
import { useTranslation } from 'react-i18next';
import { ReferencePicker } from '../../components/fields/ReferencePicker';
import { asIds } from '../../components/fields/values';
import type { RecordView, Titles } from '../../transport/contract';

/** More names than this are searched rather than shown. */
const SHOWN = 8;

interface PeopleProps {
  id: string;
  people: RecordView[];
  customer: string | null;
  value: string[];
  titles: Titles;
  onChange(people: string[]): void;
}

export function People({ id, people, customer, value, titles, onChange }: PeopleProps) {
  const { t } = useTranslation();
  const shown = people.map((person) => person.id);
  if (!people.length || people.length > SHOWN || value.some((chosen) => !shown.includes(chosen))) {
    return (
      <ReferencePicker
        id={id}
        target="contact"
        multiple
        value={value}
        titles={titles}
        context={{ customer }}
        data-testid="log-people"
        onChange={(next) => onChange(asIds(next))}
      />
    );
  }
  return (
    <div
      role="group"
      aria-label={t('interactions.people')}
      className="people-choice"
      data-testid="log-people"
    >
      {people.map((person, n) => (
        <label key={person.id} className="person-chip">
          <input
            type="checkbox"
            id={n === 0 ? id : undefined}
            checked={value.includes(person.id)}
            data-testid="log-person"
            onChange={(event) =>
              onChange(
                event.target.checked ? [...value, person.id] : value.filter((other) => other !== person.id),
              )
            }
          />
          <span>{person.title}</span>
        </label>
      ))}
    </div>
  );
}
