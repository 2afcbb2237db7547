// A picture of the real window with the sample company, for a machine without a display: out/ketu.png.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Desktop, OUT } from './desktop.mjs';
import { atRest, loadSample, setUp } from './steps.mjs';

const desktop = await Desktop.start();
try {
  const page = await desktop.open();
  await setUp(page);
  await loadSample(page);
  mkdirSync(OUT, { recursive: true });
  await atRest(page);
  console.log(desktop.picture(join(OUT, 'ketu.png')));
  await desktop.quit();
} catch (error) {
  console.error(`no picture; what there was is in ${desktop.keep('tour')}`);
  throw error;
} finally {
  await desktop.end();
}
