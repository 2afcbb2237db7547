// What a person does on several tests' way.

/** The first run up to the question what to begin with: name, recovery key, ticked as kept. */
export async function setUp(page, name = '林晓') {
  await (await page.byId('start-name')).type(name);
  await (await page.byId('start-begin')).click();
  await (await page.byId('recovery-kept')).click();
  await (await page.byId('recovery-continue')).click();
  await page.byId('start-sample');
}

/** From there on with the sample company, to the list of customers. */
export async function loadSample(page) {
  await (await page.byId('start-sample')).click();
  await (await page.byId('nav-customers', { within: 30_000 })).click();
  await page.byId('grid-row', { within: 30_000 });
}
