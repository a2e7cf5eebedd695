// 15. The figures page: a leader with five minutes looks, narrows, opens what is
// behind a number down to a case, and takes workbooks out; everybody sees the
// public figures. On a phone, on a desktop, and without script.
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit, staff } = stage();

/** The parts of a zip by name, read by its directory. */
function parts(data) {
  const out = {};
  const end = data.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = data.readUInt32LE(end + 16);
  for (let n = data.readUInt16LE(end + 10); n > 0; n--) {
    const [how, size, name, extra, comment, head] = [data.readUInt16LE(at + 10), data.readUInt32LE(at + 20), data.readUInt16LE(at + 28), data.readUInt16LE(at + 30), data.readUInt16LE(at + 32), data.readUInt32LE(at + 42)];
    const from = head + 30 + data.readUInt16LE(head + 26) + data.readUInt16LE(head + 28);
    const raw = data.subarray(from, from + size);
    out[data.toString('utf8', at + 46, at + 46 + name)] = (how === 8 ? inflateRawSync(raw) : raw).toString('utf8');
    at += 46 + name + extra + comment;
  }
  return out;
}

/** Presses what downloads a workbook and opens it. */
async function workbook(v, fn) {
  const [download] = await Promise.all([v.page.waitForEvent('download'), fn()]);
  assert.match(download.suggestedFilename(), /\.xlsx$/);
  return parts(await readFile(await download.path()));
}

/** The number on the tile of a name. */
async function figure(v, name) {
  const tile = v.page.locator('ul.figures > li', { has: v.page.locator('.label', { hasText: new RegExp(`^${name}$`) }) });
  return (await tile.locator('.value b').innerText()).trim();
}

test('a leader looks, narrows, opens a case and takes the figures along', async () => {
  for (const size of [desktop, phone]) {
    const v = await staff('leader1', { size });
    await v.go('/');
    await v.follow('统计', 'header');
    await v.reads('怎样计算');
    await v.reads(/截至|正在更新/);
    const all = Number(await figure(v, '收到'));
    assert.ok(all > 100, `the demo has cases: ${all}`);
    assert.match(await figure(v, '满意率'), /^\d+\.\d%$/);
    await v.shot(`figures-${size === phone ? 'phone' : 'desktop'}`);

    await v.follow('按单位');
    await v.reads('县路灯管理所');
    await v.page.locator('main .dense').getByRole('link', { name: '县路灯管理所', exact: true }).first().click();
    await v.page.waitForURL(/unit=lighting/);
    await v.look();
    const some = Number(await figure(v, '收到'));
    assert.ok(some > 0 && some < all, `one unit has ${some} of ${all}`);

    await v.leads(() => v.page.locator('ul.figures > li', { hasText: '收到' }).first().getByRole('link').click());
    await v.reads(`收到：${some} 件`);
    assert.equal(await v.page.locator('ul.cases > li').count(), Math.min(some, 50), 'the list is as long as the figure says');
    const title = await v.page.locator('ul.cases > li a').first().innerText();
    await v.leads(() => v.page.locator('ul.cases > li a').first().click());
    await v.reads(title);
    await v.close();
  }
});

test('what is open and overdue is what the inbox says', async () => {
  const v = await staff('leader1', { size: desktop });
  for (let tries = 0; ; tries++) {
    await v.go('/figures');
    const before = await figure(v, '已超期');
    await v.go('/cases?box=all&procedure=service-request&kind=open&due=overdue');
    const listed = await v.page.locator('table.worklist tbody tr').count();
    const waiting = await v.page.goto('/cases?box=all&procedure=service-request&kind=waiting&due=overdue').then(() => v.page.locator('table.worklist tbody tr').count());
    await v.go('/figures');
    // other stories may act meanwhile: only figures that stood still are compared
    if (before === (await figure(v, '已超期'))) {
      assert.ok([listed, listed + waiting].includes(Number(before)), `the page says ${before}, the inbox ${listed}`);
      break;
    }
    assert.ok(tries < 10, 'the figures never stand still');
  }
  await v.close();
});

test('workbooks say who took them out, when, of what, and a list why', async () => {
  const v = await staff('leader1', { size: desktop });
  await v.go('/figures');
  const book = await workbook(v, () => v.page.getByRole('link', { name: '导出 Excel' }).click());
  assert.match(book['xl/workbook.xml'], /合计/);
  assert.match(book['xl/workbook.xml'], /按单位/);
  const total = book['xl/worksheets/sheet1.xml'];
  for (const say of ['分管副县长', '满意率', '诉求']) assert.ok(total.includes(say), `the first sheet says ${say}`);
  assert.ok(!total.includes('<f>'), 'there is no formula');

  await v.go('/figures/cases?indicator=satisfied&side=miss');
  await v.page.locator('details.confirm > summary').click();
  await v.page.locator('form#export [name=purpose]').fill('月度分析会，会后删除');
  const list = await workbook(v, () => v.page.locator('form#export button').click());
  const sheet = list['xl/worksheets/sheet1.xml'];
  for (const say of ['分管副县长', '月度分析会，会后删除', '不满意']) assert.ok(sheet.includes(say), `the list says ${say}`);
  await v.close();

  const auditor = await staff('auditor1', { size: desktop });
  await auditor.go('/read-log');
  await auditor.reads('月度分析会，会后删除');
  await auditor.close();
});

test('no data is said, and who may not see figures is told where they may', async () => {
  const v = await staff('leader1', { size: phone });
  await v.go('/figures?unit=environment&from=2024-01&to=2024-02');
  await v.reads(/没有数据|无数据/);
  await v.go('/figures?from=2024-05&to=2024-04', 422);
  await v.reads('结束的月份不能早于开始的月份');
  await v.close();
  const handler = await staff('h-lighting', { size: phone });
  await handler.go('/figures', 403);
  await handler.reads('公开数据');
  await handler.close();
});

test('everybody sees the public figures, without script as well', async () => {
  for (const [size, script] of [[phone, false], [desktop, true]]) {
    const v = await visit({ size, script });
    await v.go('/figures/public');
    await v.reads('不计在这里');
    await v.lacks('县路灯管理所', 'main');
    await v.shot(`figures-public-${size === phone ? 'phone' : 'desktop'}`);
    await v.follow('清河街道', 'main');
    await v.reads('看全县');
    await v.close();
  }
  const leader = await staff('leader1', { size: phone, script: false });
  await leader.go('/figures');
  await leader.follow('按类别');
  await leader.follow('按区域');
  await leader.close();
});
