// 17. What everybody may read: by default class and community; words and photos
// after somebody struck, masked and looked; gone at once when taken back. And the
// way to say what is wrong with the platform itself.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { report, snapshot } from '../lib/resident.mjs';

const { visit, staff } = stage();

/** The public page of a request leads from the number on the receipt. */
const open = (v, number) => v.go(`/requests/${number}`);

/** Waits until the public line of a request is read from the log. */
async function shows(v, number) {
  await v.page.waitForFunction(async (at) => (await fetch(at)).ok, `/requests/${number}`);
  await open(v, number);
}

for (const [name, size, script] of [['phone without script', phone, false], ['desktop', desktop, true]]) {
  test(`released by a person who looked, and taken back: ${name}`, async () => {
    const resident = await visit({ size: phone });
    const { number } = await report(resident, { words: `路灯不亮 ${name}，找王先生，电话13800000001`, photos: [snapshot(1)] });
    await shows(resident, number);
    await resident.reads('没有公开');
    assert.ok(!(await resident.text('main')).includes('王先生'), 'nothing is public by itself');
    const page = resident.path;

    const officer = await staff('dispatch1', { size, script });
    await officer.go(`/publicity/review/${number}`);
    await officer.reads('必须遮住');
    await officer.shot(script ? 'release-desktop' : 'release-phone', { most: 2600 });
    await officer.leads(() => officer.page.locator('ul.photos.big a').first().click());
    if (script) {
      const box = await officer.page.locator('.canvas img').boundingBox();
      const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
      await officer.page.mouse.move(...at(0.3, 0.3));
      await officer.page.mouse.down();
      await officer.page.mouse.move(...at(0.6, 0.6), { steps: 5 });
      await officer.page.mouse.up();
      await officer.page.locator('[data-regions] input[name=region]').first().waitFor();
    } else {
      await officer.page.locator('input[name=cell][value="17"]').check();
    }
    await officer.shot(script ? 'mask-desktop' : 'mask-phone');
    await officer.press('保存打码');
    await officer.reads('已经保存');
    await officer.follow('返回公开审核');
    // What is released must have been looked at.
    const look = officer.page.locator('.look img');
    await look.scrollIntoViewIfNeeded();
    assert.ok(await officer.page.locator('.look input[type=checkbox]').count() > 0);
    await officer.page.locator('.look input[type=checkbox]').check();
    await officer.leads(() => officer.page.locator('form[action$="/release"] button').click());
    await officer.reads('已经公开');

    await resident.go(page);
    const said = await resident.text('main');
    assert.ok(said.includes('▇▇▇') && said.includes('路灯不亮'), 'the words are public, struck');
    assert.ok(!said.includes('王先生') && !said.includes('138'), 'what was struck is not');
    const photo = resident.page.locator('.timeline .photos img');
    assert.equal(await photo.count(), 1);
    await resident.shot(script ? 'public-request-phone' : 'public-request');

    await officer.page.locator('details.confirm summary').first().click();
    await officer.page.locator('#take textarea').fill('诉求人不愿公开');
    await officer.leads(() => officer.page.locator('#take button').click());
    await officer.reads('已经收回');
    await resident.go(page);
    assert.ok(!(await resident.text('main')).includes('▇▇▇'), 'taken back at once');
    await officer.close();
    await resident.close();
  });
}

test('the public list: filter, map, voices, feed', async () => {
  for (const size of [phone, desktop]) {
    const v = await visit({ size, script: size === desktop });
    await v.go('/requests');
    await v.reads('共');
    await v.shot(size === phone ? 'public-list-phone' : 'public-list-desktop');
    await v.go('/requests?class=garbage');
    await v.go('/requests?class=nothing', 422);
    await v.go('/requests/261124-00000000', 404);
    await v.go('/requests/subscribe');
    await v.close();
  }
});

test('feedback: one question first, then to who runs the platform', async () => {
  const v = await visit({ size: phone, script: false });
  await v.go('/report');
  await v.follow('意见建议', 'footer');
  await v.shot('feedback-phone');
  await v.follow('本平台');
  const form = v.page.locator('main form.form');
  assert.equal(await form.locator('[name=page]').inputValue(), '/report');
  await v.fill(form, 'words', '字太小，老人看不清');
  await v.press('提交反馈', { status: 201 });
  await v.reads('已经收到');
  await v.follow('查看这条反馈');
  await v.reads('待答复');
  const page = v.path;

  const admin = await staff('admin', { size: desktop });
  await admin.go(page);
  await admin.act('answer', { answer: '已加上大字模式，点右上角“大字”' });
  await v.go(page);
  await v.reads('大字模式');
  await admin.close();
  await v.close();
});
