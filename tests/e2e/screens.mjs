// Pictures of every screen at 1366×768, in both languages and both themes: out/screens/<screen>.<language>-<theme>.png.
import { join } from 'node:path';
import { Desktop, OUT } from './desktop.mjs';
import { folder, walk } from './walk.mjs';

const pictures = folder(join(OUT, 'screens'));
const desktop = await Desktop.start();
try {
  await walk(desktop, (name) => {
    console.log(desktop.picture(join(pictures, `${name}.png`)));
  });
  await desktop.quit();
} catch (error) {
  console.error(`the walk ended early; what there was is in ${desktop.keep('screens')}`);
  throw error;
} finally {
  await desktop.end();
}
