/** A number or an address with what one does with it: dial, write, copy (UX 34). */
import { CopyOutlined, GlobalOutlined, MailOutlined, PhoneOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { tried } from '../../data/writes';
import { copyText, openLink } from '../../transport/platform';

export type ReachKind = 'phone' | 'email' | 'url' | 'wechat';

const withScheme = (url: string): string => (/^https?:\/\//i.test(url) ? url : `https://${url}`);

export function ReachButtons({ kind, value }: { kind: ReachKind; value: string }) {
  const { t } = useTranslation();
  const copy = async () => {
    if (await copyText(value)) showToast({ text: t('common.copied') });
  };
  const button = (icon: React.ReactNode, label: string, run: () => void, testid: string) => (
    <button
      type="button"
      className="reach"
      aria-label={label}
      title={label}
      data-testid={testid}
      onClick={(event) => {
        event.stopPropagation();
        run();
      }}
    >
      {icon}
    </button>
  );
  const open = (link: string) => () => void tried(openLink(link));
  return (
    <span className="reach-buttons">
      {kind === 'phone'
        ? button(
            <PhoneOutlined />,
            t('customerPage.contacts.dial', { number: value }),
            open(`tel:${value.replace(/[^\d+*#]/g, '')}`),
            'dial',
          )
        : null}
      {kind === 'email'
        ? button(
            <MailOutlined />,
            t('customerPage.contacts.write', { address: value }),
            open(`mailto:${value}`),
            'write-mail',
          )
        : null}
      {kind === 'url' ? button(<GlobalOutlined />, value, open(withScheme(value)), 'open-url') : null}
      {button(
        <CopyOutlined />,
        kind === 'wechat'
          ? t('customerPage.contacts.copyWechat', { id: value })
          : t('customerPage.contacts.copyNumber', { number: value }),
        () => void copy(),
        'copy-value',
      )}
    </span>
  );
}
