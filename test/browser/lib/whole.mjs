// The whole story, for the house of the other stories and for one on PostgreSQL.
import assert from 'node:assert/strict';
import { report, snapshot } from './resident.mjs';
import { desktop, phone } from './visit.mjs';

/** Tells how a request gets from a resident's phone to two taps at the end. */
export async function wholeStory({ visit, staff, shots = true }) {
  const shot = (v, name, options) => (shots ? v.shot(name, options) : undefined);
  const resident = await visit({ size: phone, script: false });
  const { number, link } = await report(resident, { words: '人民公园东门口路灯不亮三天了', place: '人民公园', phone: '13800001234', photos: [snapshot(1)] });
  const page = `/cases/${number}`;

  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go('/cases');
  await shot(dispatcher, 'inbox-desktop');
  const title = '人民公园东门口路灯不亮三天了';
  await dispatcher.until(`/cases?box=all&q=${number}`, async () => (await dispatcher.text('main')).includes(title), title);
  await dispatcher.follow(title, 'table');
  await dispatcher.lacks('13800001234');
  const picture = dispatcher.page.locator('main ul.photos img').first();
  await picture.scrollIntoViewIfNeeded();
  await picture.evaluate((e) => e.complete || new Promise((resolve) => e.addEventListener('load', resolve, { once: true })));
  assert.ok(await picture.evaluate((e) => e.naturalWidth > 0), 'staff see the photo');
  const form = await dispatcher.form('dispatch');
  assert.equal(await form.locator('select[name=lead]').inputValue(), 'lighting', 'the duty list proposes the lead unit');
  const reason = await form.innerText();
  assert.match(reason, /建议：.*县路灯管理所/, 'and says why');
  await shot(dispatcher, 'dispatch-desktop', { most: 2000 });
  await dispatcher.act('dispatch', { helpers: ['power'] });
  await dispatcher.close();

  const handler = await staff('h-lighting', { size: desktop });
  await handler.go('/cases?box=unit');
  await handler.go(page);
  await handler.reads('待签收');
  await handler.act('accept');
  await handler.reads('办理中');
  await handler.reads('协办任务');

  // The phone stays masked until somebody says why they look.
  const reveal = handler.page.locator('details.reveal').first();
  await handler.lacks('13800001234');
  await reveal.locator('summary').click();
  await handler.fill(reveal, '_purpose', '电话核对路灯位置');
  await handler.leads(() => reveal.locator('button').click());
  await handler.reads('13800001234');
  await handler.go(page);
  await handler.act('contact', { contact: '电话核对，是东门口第二盏' });
  await handler.act('ask_more', { question: '灯杆上的编号看得清吗？' });
  await handler.reads('待诉求人补充');

  await resident.go(link);
  await resident.reads('灯杆上的编号看得清吗');
  await resident.act('supply', { supplement: '编号是 A-017' });
  await resident.reads('编号是 A-017');

  await handler.go(page);
  await handler.reads('编号是 A-017');
  await handler.act('ask_extension', { days: '2', reason: '灯具要从市里调货' });
  await handler.reads('延期待批');
  await shot(handler, 'case-desktop', { most: 2400 });

  const head = await staff('b-lighting', { size: phone });
  await head.go(page);
  await shot(head, 'case-phone', { most: 2400 });
  await head.follow('延期挂起审批');
  await head.act('agree_extension', { ruling: '同意' });
  await head.go(page);
  await head.reads('已延期');
  await head.close();

  // Before the co-handler has finished nobody answers.
  await handler.go(page);
  assert.ok(!(await handler.offers('answer')), 'no answer before the co-handler is done');
  await handler.whyNot();
  await handler.reads(/下级办件 \S+ 还没有办完/);
  const helper = await staff('h-power', { size: desktop });
  await helper.go('/cases?box=unit&procedure=co-task');
  await helper.go(await taskOf(handler));
  await helper.act('finish', { result: '供电正常，线路无故障' });
  await helper.close();

  await handler.go(page);
  await handler.act('answer', { answer: '已更换灯具和熔断器，当晚试灯正常。' });
  await handler.reads('待核查');
  assert.ok(!(await handler.offers('check_done')), 'who handled it does not check it');
  await handler.close();

  const verifier = await staff('verify1', { size: desktop });
  await verifier.go(page);
  await verifier.act('check_done', { finding: '夜间到场，路灯亮。' });
  await verifier.reads('待评价');
  await verifier.close();

  await resident.go(link);
  await resident.reads('请您评价');
  await resident.reads('已更换灯具和熔断器');
  await shot(resident, 'rate-phone', { most: 1200 });
  await resident.act('rate', { solved: 'yes', satisfied: 'satisfied' });
  await resident.reads('已办结');
  await resident.close();
  return { number, link };
}

/** The address of the co-handler's task, from the case page. */
const taskOf = (v) => v.page.locator('main a').filter({ hasText: '协办任务' }).first().getAttribute('href');
