// 4. What is not dispatched is answered with its own text and way; emergencies
// are sent to the telephone; who is complained about never sees it.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { describe, pick, receipt, report } from '../lib/resident.mjs';

const { visit, staff } = stage();

const kinds = {
  emergency: { words: '二楼煤气味道很重', says: '请立即拨打紧急电话' },
  legal_channel: { words: '法院判决生效了对方不还钱，请强制执行', says: '依法有专门途径', way: '12368' },
  repeat: { words: '上次说的路面又没有动静', reason: '上一件已在施工，预计本周完工。', says: '上一件已在施工' },
  secret: { words: '想知道是谁举报了我家店铺', says: '他人隐私，依法不能提供' },
  outside: { words: '请帮我找到网友让他道歉', says: '法律服务热线' },
  unlawful: { words: '不给钱我就天天打电话骂人', says: '违反法律法规或者公序良俗' },
};

test('the six kinds that are not dispatched', async (t) => {
  const dispatcher = await staff('dispatch1', { size: desktop });
  for (const [kind, { words, says, way, reason }] of Object.entries(kinds)) {
    await t.test(kind, async () => {
      const resident = await visit({ script: false });
      const { number, link } = await report(resident, { words, place: '学府路口', class: '' });
      await dispatcher.go(`/cases/${number}`);
      await dispatcher.act('close_intake', { intake_kind: kind, ...(reason ? { reason } : {}) });
      await dispatcher.reads('已告知其他途径');
      await resident.go(link);
      await resident.reads(says);
      if (way) await resident.reads(way);
      await resident.close();
    });
  }
  await dispatcher.close();
});

for (const script of [true, false]) {
  test(`an emergency is sent to the telephone, ${script ? 'with' : 'without'} script`, async () => {
    const v = await visit({ size: phone, script });
    await describe(v, { words: '对面楼顶冒浓烟，好像着火了，有人受伤', place: '东山公交站' });
    await v.reads('情况紧急，请先打电话');
    assert.ok((await v.page.locator('main a[href="tel:119"]').count()) > 0, '119 can be dialled');
    if (script) await v.shot('emergency-phone');
    await pick(v, '东山公交站');
    await v.press('提交');
    const got = await receipt(v);
    for (const number of [110, 119, 120, 122]) assert.ok((await v.page.locator(`main a[href="tel:${number}"]`).count()) > 0, `the receipt offers ${number}`);
    await v.go(got.link);
    for (const number of [110, 119, 120, 122]) assert.ok((await v.page.locator(`main a[href="tel:${number}"]`).count()) > 0, `the page offers ${number}`);
    await v.close();
  });
}

test('who is complained about does not see the complaint', async () => {
  const resident = await visit({ size: phone, script: false });
  await describe(resident, { words: '执法队员收走我的秤，态度很凶', place: '清河菜市场', phone: '13800005678', about: true });
  await pick(resident, '清河菜市场');
  await resident.fill(resident.page.locator('main form.form'), 'complained', 'qinghe-um');
  await resident.press('提交');
  const { number, link } = await receipt(resident);
  const page = `/cases/${number}`;

  const unseen = async () => {
    for (const login of ['h-qinghe-um', 'b-qinghe-um']) {
      const them = await staff(login, { size: desktop });
      await them.go(page, 404);
      await them.go('/search?q=收走我的秤');
      await them.lacks(number);
      await them.go('/cases?box=all&q=收走');
      await them.lacks(number);
      await them.close();
    }
  };
  await unseen();
  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go(page);
  await dispatcher.reads('对其不可见的单位');
  await dispatcher.act('dispatch', { lead: 'qinghe', item: '' });
  await dispatcher.close();
  await unseen();
  const above = await staff('head1', { size: desktop });
  await above.go(page);
  await above.act('accept');
  await above.reads('办理中');
  await above.close();
  await resident.go(link);
  await resident.reads('办理单位正在办理');
  await resident.close();
});
