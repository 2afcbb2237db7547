// What a person sees when something is wrong, and the way out of it: a file without its key, in use, damaged; a
// workbook that cannot be read; an import that was a mistake.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { scene } from './desktop.mjs';
import { applyImport, checkRows, countOf, goTo, loadSample, openImport, setUp } from './steps.mjs';

scene(
  'a data file without its key is opened with the recovery key, and needs it only once',
  async (desktop) => {
    let page = await desktop.open();
    const key = await setUp(page);
    await loadSample(page);
    const count = await page.number('grid-count');
    await desktop.quit();
    rmSync(join(desktop.dataDir, 'ketu.key'));

    page = await desktop.open();
    await page.byId('state-locked');
    await (await page.byId('unlock-key')).type('not the key');
    await (await page.byId('unlock')).click();
    await page.find('[role="alert"]:not(:empty)');
    await (await page.byId('unlock-key')).fill(key);
    await page.chord('enter');
    await countOf(page, 'customers', count);
    await desktop.quit();

    page = await desktop.open();
    await countOf(page, 'customers', count);
  },
);

scene('data that another program holds names its owner, and opens when it is free', async (desktop) => {
  await desktop.ketu('setup', '--name', '林晓');
  const bridge = await desktop.serve();
  const page = await desktop.open();
  await page.byId('state-in_use');
  await page.byText(String(bridge.pid));
  await bridge.end();
  await (await page.byId('state-again')).click();
  await page.byId('app');
});

scene('a damaged data file is moved aside and restored from its latest backup', async (desktop) => {
  let page = await desktop.open();
  await setUp(page);
  await loadSample(page);
  const count = await page.number('grid-count');
  await desktop.call('back_up');
  await desktop.quit();
  damage(join(desktop.dataDir, 'ketu.db'));

  page = await desktop.open();
  await page.byId('state-damaged');
  await (await page.byId('backup-restore')).click();
  await (await page.byId('ask-ok')).click();
  await countOf(page, 'customers', count);
  const aside = readdirSync(desktop.dataDir).filter((name) => /damaged/.test(name));
  assert.equal(aside.length, 1, `the damaged file is kept: ${readdirSync(desktop.dataDir)}`);
});

scene(
  'a file that is no open workbook is refused with its reason, and nothing is changed',
  async (desktop) => {
    const page = await desktop.open();
    await setUp(page);
    await (await page.byId('start-import')).click();
    const letter = desktop.file('合同.pdf');
    writeFileSync(letter, '%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n');
    desktop.pick(letter);
    await (await page.byId('import-drop')).click();
    await page.withText('import-refused', '不是表格文件');
    const locked = desktop.file('工资.xlsx');
    writeFileSync(locked, encryptedWorkbook());
    desktop.pick(locked);
    await (await page.byId('import-another')).click();
    await page.withText('import-refused', '设了密码');
    await countOf(page, 'customers', 0);
  },
);

scene('a whole import is taken back and brought again', async (desktop) => {
  const file = desktop.file('客户.xlsx');
  const { records } = await desktop.tool('workbook', [file, '--rows', 300, '--seed', 3]);
  const page = await desktop.open();
  await setUp(page);
  await loadSample(page);
  const before = await page.number('grid-count');
  await goTo(page, 'import');
  await openImport(desktop, file);
  await checkRows(page);
  const { created } = await applyImport(page);
  assert.ok(created > 0);
  await countOf(page, 'customers', before + records.customer);
  await goTo(page, 'import');
  await (await page.byId('import-undo')).click();
  await (await page.byId('import-undo-confirm')).click();
  await page.withText('import-result', '已撤销');
  await countOf(page, 'customers', before);
  await page.chord('ctrl', 'shift', 'z');
  await countOf(page, 'customers', before + records.customer);
});

/** Overwrites pages in the middle of the file, as a failing disk does. */
function damage(path) {
  const file = openSync(path, 'r+');
  const { size } = statSync(path);
  writeSync(file, Buffer.alloc(16_384, 0x5a), 0, 16_384, Math.floor(size / 8_192) * 4_096);
  writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, 0);
  closeSync(file);
}

/** As a spreadsheet program leaves it behind a password: a compound file with an encrypted package and no more. */
function encryptedWorkbook() {
  const sector = 512;
  const file = Buffer.alloc(3 * sector, 0);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.writeUInt16LE(0x3e, 24);
  file.writeUInt16LE(3, 26);
  file.writeUInt16LE(0xfffe, 28);
  file.writeUInt16LE(9, 30);
  file.writeUInt16LE(6, 32);
  file.writeUInt32LE(1, 44);
  file.writeUInt32LE(1, 48);
  file.fill(0xff, 76, sector);
  file.writeUInt32LE(0, 76);
  // The allocation table: itself, and the directory's one sector.
  file.fill(0xff, sector, 2 * sector);
  file.writeUInt32LE(0xfffffffd, sector);
  file.writeUInt32LE(0xfffffffe, sector + 4);
  for (const [n, [name, kind]] of [
    ['Root Entry', 5],
    ['EncryptionInfo', 2],
    ['EncryptedPackage', 2],
  ].entries()) {
    const record = 2 * sector + n * 128;
    file.write(name, record, 'utf16le');
    file.writeUInt16LE(2 * name.length + 2, record + 64);
    file.writeUInt8(kind, record + 66);
  }
  return file;
}
