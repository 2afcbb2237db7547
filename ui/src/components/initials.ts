/**
 * First letters of Chinese words by their sound, so that a field is found by typing `khmc` for 客户名称. The
 * web view's own ordering by pinyin knows where each letter begins: a mark that Unicode sets aside for
 * indexes, followed by the letter, sorts just before the first character of that letter.
 */
const LETTERS = [...'ABCDEFGHJKLMNOPQRSTWXYZ'];
const INDEX_MARK = '\ufdd0';
const HAN = /\p{Script=Han}/u;

const order = new Intl.Collator('zh-u-co-pinyin');

function initial(character: string): string {
  let found = '';
  for (const letter of LETTERS) {
    if (order.compare(INDEX_MARK + letter, character) > 0) break;
    found = letter;
  }
  return found.toLowerCase();
}

/** 客户名称 → `khmc`; letters and digits stay as they are, the rest falls away. */
export function initials(text: string): string {
  return [...text.toLowerCase()]
    .map((character) =>
      HAN.test(character) ? initial(character) : /[a-z0-9]/.test(character) ? character : '',
    )
    .join('');
}
