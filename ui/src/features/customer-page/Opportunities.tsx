/** The customer's deals, the open ones first. */
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
import { openRecord } from '../../app/open';
import { isMoney, showMoney } from '../../components/fields/amounts';
import { useNames, ValueView } from '../../components/fields/FieldView';
import { useCatalog } from '../../data/catalog';
import type { CustomerPage, RecordView, Titles } from '../../transport/contract';
import { isPast } from '../board/dates';
import { UnsyncedDot } from '../sync/Unsynced';
import { Block } from './Block';

export function Opportunities({ page, titles }: { page: CustomerPage; titles: Titles }) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const names = useNames(titles);
  const { customer } = page;
  const stageField = catalog.field('opportunity', 'stage');
  const isOpen = (deal: RecordView) => catalog.stage(String(deal.fields.stage))?.outcome === 'open';
  const closes = (deal: RecordView) => String(deal.fields.expected_close ?? '9999');
  const deals = [...page.opportunities].sort(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || closes(a).localeCompare(closes(b)),
  );
  return (
    <Block
      title={t('customerPage.opportunities.title')}
      count={deals.length}
      addLabel={t('customerPage.addOpportunity')}
      none={t('customerPage.opportunities.none')}
      testid="opportunities"
      onAdd={() =>
        createRecord('opportunity', {
          preset: { customer: customer.id },
          titles: { [customer.id]: customer.title },
        })
      }
    >
      <ul>
        {deals.map((deal) => {
          const { amount, expected_close: close, stage } = deal.fields;
          return (
            <li key={deal.id} className="deal-row" data-testid="deal-row">
              <button
                type="button"
                className="record-link"
                onClick={() => openRecord('opportunity', deal.id)}
              >
                {deal.title}
              </button>
              <UnsyncedDot id={deal.id} />
              <div className="deal-facts numeric">
                {stageField ? <ValueView field={stageField} value={stage} names={names} /> : null}
                {isMoney(amount) ? <b>{showMoney(amount, i18n.language)}</b> : null}
                {typeof close === 'string' ? (
                  <span className={isOpen(deal) && isPast(close) ? 'late' : 'soft'}>{close}</span>
                ) : null}
              </div>
            </li>
          );
        })}
      </ul>
    </Block>
  );
}
