// 1. A resident reports on a phone, without account, and follows by the link.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { begun, describe, pick, receipt, report, snapshot } from '../lib/resident.mjs';

const { visit } = stage();
const ways = { 'on a phone': { size: phone }, 'on a phone without script': { size: phone, script: false }, 'on a desktop': { size: desktop } };

for (const [way, options] of Object.entries(ways)) {
  test(`report by words and a place's name, ${way}`, async () => {
    const v = await visit(options);
    await v.go('/');
    if (way === 'on a phone') await v.shot('home-phone');
    await v.follow('我要反映', 'main');
    await describe(v, { words: '人民公园东门口路灯不亮，晚上看不清路', place: '人民公园', phone: '13800000000', photos: [snapshot(1), snapshot(2)] });
    const street = v.page.locator('input[name=class][value=street-light]');
    if (v.script) await v.page.locator('.chip:has([value=street-light])').click();
    assert.ok(await street.isChecked(), '"路灯不亮" finds the class of street lights');
    assert.equal(await v.page.locator('ul.photos img').count(), 2, 'both photos are kept');
    await pick(v, '人民公园');
    if (way === 'on a phone') await v.shot('report-phone', { most: 2400 });
    await v.press('提交');
    const got = await receipt(v);
    if (way === 'on a phone') await v.shot('receipt-phone');
    await v.reads('1380000', 'body').then(() => assert.fail('the receipt shows the phone'), () => {});

    await v.go(got.link);
    assert.equal(v.path, `/follow/${got.number}`, 'the token leaves the address');
    await v.reads('人民公园东门口路灯不亮');
    await v.reads('待派遣');
    await v.act('add', { supplement: '是路口东侧第二盏灯', photos: [snapshot(3)] });
    await v.reads('是路口东侧第二盏灯');
    await v.act('urge', { urging: '晚上出门不方便，请快一点' });
    await v.reads('催办');
    if (way === 'on a phone') await v.shot('follow-phone', { most: 2400 });
    await v.close();
  });
}

test('report from the QR code of a grid, without a phone number, without script', async () => {
  const v = await visit({ script: false });
  await v.go('/grid?q=石桥村文化广场');
  await v.follow('石桥村文化广场', 'table');
  await v.shot('grid-phone');
  await v.follow('在这里反映问题');
  await v.reads('所在网格');
  await describe(v, { from: '/report', words: '村口路灯不亮', place: '' });
  await v.press('提交');
  await receipt(v);
  await v.reads('您没有留电话');
  await v.close();
});

test('report by a click on the map picture, without script', async () => {
  const v = await visit({ script: false });
  await v.go('/report');
  await v.fill(v.page.locator('main form.form'), 'words', '路灯坏了');
  await v.press('在地图上点位置');
  const map = v.page.locator('input[type=image]');
  const box = await map.boundingBox();
  await v.leads(() => map.click({ position: { x: box.width * 0.3, y: box.height * 0.6 } }));
  await v.press('放大');
  await v.shot('map-phone');
  await v.press('下一步：核对');
  await v.reads('所在网格');
  await v.press('提交');
  const got = await receipt(v);
  await v.go(got.link);
  await v.reads('路灯坏了');
  await v.close();
});

test('a wrong link, a wrong number and an empty report are told plainly', async () => {
  const v = await visit();
  await v.go('/q/00000000000000000000000000', 404);
  await v.reads('这个链接打不开');
  await v.go('/follow/261124-00000000', 404);
  await v.go('/query');
  const form = v.page.locator('main form.form');
  await v.fill(form, 'number', '261124-00000000');
  await v.fill(form, 'last4', '0000');
  await v.leads(() => form.locator('button.button').click(), 404);
  await v.reads('没有查到');
  await v.close();
  for (const script of [true, false]) {
    const empty = await visit({ script });
    await empty.go('/report');
    if (script) await begun(empty);
    await empty.fill(empty.page.locator('main form.form'), 'words', '   ');
    if (script) {
      await empty.page.getByRole('button', { name: '提交', exact: true }).click();
      await empty.page.locator('[data-wrong]').filter({ hasText: '请写明什么事' }).waitFor();
      empty.errors.length = 0; // the refusal itself
    } else await empty.press('下一步：核对', { status: 422 });
    await empty.reads('请写明什么事');
    await empty.close();
  }
});

test('withdraw by the link', async () => {
  const v = await visit({ script: false });
  const got = await report(v, { words: '楼下垃圾没人清', place: '清河菜市场' });
  await v.go(got.link);
  await v.act('withdraw', { reason: '已经有人来清了' });
  await v.reads('您已撤回');
  await v.close();
});
