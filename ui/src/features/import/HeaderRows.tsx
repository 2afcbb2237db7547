/** The first rows of the sheet, to point at the one that is its header. */
import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import type { ImportOpened } from '../../transport/contract';
import { choosePreviewRow, moveHeader } from './flow';

const ROWS = 8;
const COLUMNS = 12;

export function HeaderRows({ opened }: { opened: ImportOpened }) {
  const { t } = useTranslation();
  const columns = opened.columns.slice(0, COLUMNS);
  const [first] = opened.header_rows;
  return (
    <div className="import-header" data-testid="import-header">
      <div className="import-header-hint">
        <span className="soft">{t('imports.columns.headerHint')}</span>
        <Button
          size="small"
          icon={<ArrowUpOutlined />}
          disabled={first <= 1}
          aria-label={t('imports.columns.headerUp')}
          title={t('imports.columns.headerUp')}
          onClick={() => void moveHeader(-1)}
          data-testid="import-header-up"
        />
        <Button
          size="small"
          icon={<ArrowDownOutlined />}
          disabled={opened.preview.length === 0}
          aria-label={t('imports.columns.headerDown')}
          title={t('imports.columns.headerDown')}
          onClick={() => void moveHeader(1)}
          data-testid="import-header-down"
        />
      </div>
      <div className="import-header-scroll">
        <table>
          <thead>
            <tr>
              <th scope="row">{t('imports.columns.isHeader')}</th>
              {columns.map(({ index, name }) => (
                <th key={index} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {opened.preview.slice(0, ROWS).map((cells, at) => {
              const text = cells.filter(Boolean).slice(0, 3).join(' ');
              const choose = () => void choosePreviewRow(at);
              return (
                <tr
                  key={at}
                  role="button"
                  tabIndex={0}
                  aria-label={t('imports.columns.makeHeader', { text })}
                  data-testid="import-preview-row"
                  onClick={choose}
                  onKeyDown={(event) => {
                    if (isComposing(event) || (event.key !== 'Enter' && event.key !== ' ')) return;
                    event.preventDefault();
                    choose();
                  }}
                >
                  <td>
                    <ArrowUpOutlined />
                  </td>
                  {columns.map(({ index }) => (
                    <td key={index} title={cells[index]}>
                      {cells[index]}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
