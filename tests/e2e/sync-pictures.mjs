// Pictures of everything that a laptop in a team shows: out/screens/<screen>.<look>.png. A word on the command line
// narrows it: `node sync-pictures.mjs conflict`.
import { join } from 'node:path';
import { OUT } from './desktop.mjs';
import { withMockPage } from './mock-page.mjs';
import { walkSync } from './sync-walk.mjs';
import { folder } from './walk.mjs';

const pictures = folder(join(OUT, 'screens'));
const [word] = process.argv.slice(2);
await withMockPage((open) =>
  walkSync(
    open,
    async (name, page) => {
      const path = join(pictures, `${name}.png`);
      await page.screenshot({ path });
      console.log(path);
    },
    { only: word ? new RegExp(word) : null },
  ),
);
