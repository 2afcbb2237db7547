/** A small coloured word: an option, a stage, a tag. */
import { CHIP_COLORS } from '../../theme/tokens';

export function Chip({
  text,
  color = '',
  archived = false,
}: {
  text: string;
  color?: string;
  archived?: boolean;
}) {
  const known = (CHIP_COLORS as readonly string[]).includes(color) ? color : 'default';
  return <span className={`chip chip-${known}${archived ? ' chip-archived' : ''}`}>{text}</span>;
}
