// Work at speed: a search that is kept, cases dispatched together by their
// suggestions, a text for the answer, slips and a workbook.
import { Effort } from '../lib/effort.mjs';
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { staff, visit } = stage();

/** Opens the list of a search as soon as the index, which follows the log, has so many cases. */
function listed(v, words, n) {
  const links = v.page.locator('table').getByRole('link', { name: new RegExp(words) });
  return v.until(`/cases?box=all&q=${encodeURIComponent(words)}`, async () => (await links.count()) >= n, `${n} cases of ${words}`);
}

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`three cases are dispatched together, ${name}`, async () => {
    const tag = `批量${name}`;
    const intake = await staff('intake1', { size: desktop });
    for (let i = 0; i < 3; i++) {
      const r = await intake.page.request.post('/api/v1/cases', {
        headers: { 'Idempotency-Key': crypto.randomUUID() },
        data: { procedure: 'service-request', act: 'report', values: { words: `${tag}：路灯不亮，第${i}盏`, class: 'street-light', place: { words: '清河菜市场', lon: 118.2052, lat: 34.3258, datum: 'WGS-84' }, channel: 'phone' } },
      });
      assert.ok(r.ok(), await r.text());
    }
    await intake.close();

    const v = await staff('dispatch1', { size });
    await listed(v, tag, 3);
    const fold = v.page.locator('details:has(form#keep) > summary');
    await fold.click();
    await v.fill(v.page.locator('form#keep'), 'name', tag);
    await v.leads(() => v.page.locator('form#keep button').click());
    await v.go('/cases');
    await v.follow(tag, 'main');
    for (const box of await v.page.locator('input[name=case]').all()) await box.check();
    await v.shot(`batch-list-${name}`);
    await v.press('一起办选中的');
    await v.press('派遣（3 件）');
    await v.reads('建议：');
    await v.shot(`batch-form-${name}`);
    await v.press('确定派遣');
    await v.reads('办好 3 件，没有办成 0 件');
    await v.close();
  });
}

test('a text for answers, slips, a paper form and a workbook', async () => {
  const v = await staff('h-lighting', { size: desktop });
  await v.go('/cases/templates');
  const form = v.page.locator('form#text-new');
  await v.fill(form, 'name', '路灯修好');
  await v.fill(form, 'field', 'service-request/answer');
  await v.fill(form, 'body', '【编号】反映的路灯已经修好，请放心。');
  await v.leads(() => form.locator('p.acts button').click());
  await v.reads('路灯修好');
  await v.shot('templates-desktop');

  await v.go('/cases?box=unit&state=&q=');
  const boxes = await v.page.locator('input[name=case]').count();
  assert.ok(boxes > 0, 'the lighting office has cases');
  const ids = await v.page.locator('input[name=case]').evaluateAll((all) => all.slice(0, 2).map((e) => e.value));
  const slips = await v.page.request.post('/cases/slips.pdf', { form: { case: ids[0] }, headers: { Origin: v.url } });
  assert.equal(slips.headers()['content-type'], 'application/pdf');
  await v.follow('导出表格', 'main');
  const ask = v.page.locator('form#export');
  await v.fill(ask, 'purpose', '月度路灯复盘');
  const [file] = await Promise.all([v.page.waitForEvent('download'), ask.locator('button').click()]);
  assert.match(file.suggestedFilename(), /^cases-.*\.xlsx$/);
  await v.close();

  const resident = await visit({ size: phone });
  assert.equal((await resident.page.request.get('/new/example-allowance/paper.pdf')).headers()['content-type'], 'application/pdf');
  await resident.close();
});

test('a dispatch takes two taps from the inbox, an answer one page', async () => {
  const tag = '两下派遣';
  const intake = await staff('intake1', { size: desktop });
  const made = await intake.page.request.post('/api/v1/cases', {
    headers: { 'Idempotency-Key': crypto.randomUUID() },
    data: { procedure: 'service-request', act: 'report', values: { words: `${tag}：路灯不亮`, class: 'street-light', place: { words: '清河菜市场', lon: 118.2052, lat: 34.3258, datum: 'WGS-84' }, channel: 'phone' } },
  });
  assert.ok(made.ok(), await made.text());
  await intake.close();

  const d = await visit({ size: phone });
  const dispatch = await Effort.watch(d, 'dispatch 派遣');
  await d.signIn('dispatch1');
  await listed(d, tag, 1);
  dispatch.start();
  await d.follow(new RegExp(tag), 'table');
  await dispatch.offered(d.page.locator('form#do-dispatch'));
  await d.leads(() => d.page.locator('form#do-dispatch p.acts button').click());
  await d.reads('县路灯管理所');
  assert.ok(dispatch.taps <= 2, `${dispatch.taps} taps`);
  dispatch.pages = 2; // the inbox and the case
  await dispatch.tell();
  const at = d.path;
  await d.close();

  const h = await visit({ size: phone });
  const answer = await Effort.watch(h, 'answer 答复');
  await h.signIn('h-lighting');
  await h.go(at);
  await h.act('accept');
  await h.act('contact', { contact: '电话联系，今晚去修' });
  answer.start();
  const form = await h.form('answer');
  await answer.offered(form);
  await h.fill(form, 'answer', '灯已经换好。');
  await h.leads(() => form.locator('p.acts button.button').first().click());
  await h.reads('灯已经换好。');
  answer.pages = 1; // the case page stays
  assert.ok(answer.taps <= 2, `${answer.taps} taps`);
  await answer.tell();
  await h.close();
});
