/** The customer's people as cards to call and to write to; below them people of other companies. */
import { StarFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
import { openRecord } from '../../app/open';
import { useNames, ValueView } from '../../components/fields/FieldView';
import { asIds, type Names, nameOf } from '../../components/fields/values';
import type { CustomerPage, RecordView, Titles } from '../../transport/contract';
import { UnsyncedDot } from '../sync/Unsynced';
import { Block } from './Block';
import { ReachButtons, type ReachKind } from './Reach';

export function Contacts({ page, titles }: { page: CustomerPage; titles: Titles }) {
  const { t } = useTranslation();
  const names = useNames(titles);
  const { customer } = page;
  const home = new Set(page.contacts.map(({ id }) => id));
  const outside = page.participations.filter(
    ({ fields }) => !home.has(String(fields.contact)) && !fields.opportunity,
  );
  // Who decides stands first.
  const people = [...page.contacts].sort(
    (a, b) => Number(b.fields.key_person === true) - Number(a.fields.key_person === true),
  );
  return (
    <Block
      title={t('customerPage.contacts.title')}
      count={people.length + outside.length}
      addLabel={t('customerPage.addContact')}
      none={t('customerPage.contacts.none')}
      testid="contacts"
      onAdd={() =>
        createRecord('contact', {
          preset: { customer: customer.id },
          titles: { [customer.id]: customer.title },
        })
      }
    >
      <ul>
        {people.map((contact) => (
          <ContactCard key={contact.id} contact={contact} />
        ))}
      </ul>
      {outside.length ? (
        <>
          <h3 className="block-sub">{t('customerPage.contacts.outside')}</h3>
          <ul>
            {outside.map((part) => (
              <Outside key={part.id} part={part} names={names} />
            ))}
          </ul>
        </>
      ) : null}
    </Block>
  );
}

const REACH: [key: string, kind: ReachKind][] = [
  ['mobile', 'phone'],
  ['phone', 'phone'],
  ['email', 'email'],
  ['wechat', 'wechat'],
];

function ContactCard({ contact }: { contact: RecordView }) {
  const { t } = useTranslation();
  const { fields } = contact;
  const post = [fields.department, fields.title].filter(Boolean).join(' · ');
  return (
    <li className="contact-card" data-testid="contact-card">
      <div className="contact-who">
        <button type="button" className="record-link" onClick={() => openRecord('contact', contact.id)}>
          {contact.title}
        </button>
        <UnsyncedDot id={contact.id} />
        {fields.key_person === true ? (
          <span className="key-person" title={t('customerPage.contacts.keyPerson')}>
            <StarFilled aria-label={t('customerPage.contacts.keyPerson')} />
          </span>
        ) : null}
        <span className="soft contact-post">{post}</span>
      </div>
      {REACH.map(([key, kind]) => {
        const value = fields[key];
        if (typeof value !== 'string' || !value) return null;
        return (
          <div key={key} className="contact-reach numeric">
            <span>{value}</span>
            <ReachButtons kind={kind} value={value} />
          </div>
        );
      })}
    </li>
  );
}

function Outside({ part, names }: { part: RecordView; names: Names }) {
  const { catalog } = names;
  const contact = asIds(part.fields.contact)[0];
  const value = (key: string) => {
    const field = catalog.field('participation', key);
    return field ? <ValueView field={field} value={part.fields[key]} names={names} /> : null;
  };
  return (
    <li className="contact-card" data-testid="outside-person">
      <div className="contact-who">
        <button
          type="button"
          className="record-link"
          disabled={!contact}
          onClick={() => contact && openRecord('contact', contact)}
        >
          {part.title || (contact ? nameOf(contact, names) : '')}
        </button>
        <UnsyncedDot id={part.id} />
        {value('role')}
        {value('attitude')}
      </div>
    </li>
  );
}
