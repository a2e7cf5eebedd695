// 16. One power cut, five calls: the dispatcher merges, the handler answers once,
// every resident sees the answer and rates by the own link. A neighbour adds a
// voice instead of a sixth report; one says that theirs is another matter.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { describe, pick, report } from '../lib/resident.mjs';

const { visit, staff } = stage();

test('one power cut: reports are merged, each reporter is answered and asked', async () => {
  const said = ['南门这边停电了', '南门又停电，冰箱里的菜要坏了', '南门停电两个小时了', '南门没电，电梯也停了', '南门停电，路灯也不亮'];
  const residents = [];
  for (const words of said) {
    const v = await visit({ script: residents.length % 2 === 0 });
    residents.push({ v, ...(await report(v, { words, place: '人民公园', class: 'power-out', phone: '13900001111' })) });
  }
  const [first, second, third, fourth, alone] = residents;

  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go(`/cases/${first.number}`);
  await dispatcher.act('dispatch', { lead: 'power', item: '' });
  await dispatcher.go(`/cases/${second.number}`);
  await dispatcher.reads('可能说的是同一件事');
  await dispatcher.follow('看一看，要不要并案', 'main');
  await dispatcher.shot('merge');
  const tick = async (number, on = true) => {
    const line = dispatcher.page.locator('ul.pick > li').filter({ hasText: number });
    await line.locator('input[name=case]').setChecked(on);
    return line;
  };
  for (const box of await dispatcher.page.locator('ul.pick input[name=case]').all()) await box.setChecked(false);
  for (const one of [second, third, fourth, alone]) await tick(one.number);
  await (await tick(first.number)).locator('input[name=leading]').check();
  await dispatcher.press('并入主件');
  await dispatcher.reads('4 件已并入主件');
  await dispatcher.follow(`看主件 ${first.number}`, 'main');
  await dispatcher.reads('全部 4 件从件');
  await dispatcher.lacks('13900001111');
  await dispatcher.shot('leading-case');

  // A neighbour on a phone finds the request and adds a voice; no script needed.
  const neighbour = await visit({ script: false, size: phone });
  await describe(neighbour, { words: '南门停电', place: '人民公园' });
  await pick(neighbour, '人民公园');
  await neighbour.fill(neighbour.page.locator('main form.form').first(), 'class', 'power-out');
  await neighbour.press('再核对一次');
  await neighbour.reads('人也遇到了');
  await neighbour.leads(() => neighbour.page.getByRole('button', { name: '我也遇到了' }).first().click());
  await neighbour.reads('不用再反映一次');
  await neighbour.lacks(first.number);
  await neighbour.shot('voice');
  await neighbour.follow('看进展', 'main');
  await neighbour.reads('县供电公司');

  // Another one's phone offers it while they write.
  const other = await visit({ size: phone });
  const form = await describe(other, { words: '南门停电了', place: '人民公园' });
  await form.locator('.chip:has([value="power-out"])').click();
  await pick(other, '人民公园');
  const offer = other.page.locator('[data-near] button');
  await offer.first().waitFor();
  await other.page.locator('[data-near]').scrollIntoViewIfNeeded();
  await other.shot('voice-offer', { most: 2400 });
  await other.leads(() => offer.first().click());
  await other.reads('不用再反映一次');

  await alone.v.go(alone.link);
  await alone.v.reads('一并由县供电公司办理');
  await alone.v.shot('follow-joined');
  await alone.v.act('leave', { reason: '我家是电表箱坏了，别人家有电' });
  await alone.v.reads('工作人员会在');

  const handler = await staff('h-power', { size: desktop });
  await handler.go(`/cases/${first.number}`);
  await handler.reads('3 件从件的诉求人');
  await handler.act('accept');
  await handler.act('contact', { contact: '已电话联系' });
  await handler.act('answer', { answer: '主变跳闸，已送电' });
  const verifier = await staff('verify1', { size: desktop });
  await verifier.go(`/cases/${first.number}`);
  await verifier.act('check_done', { finding: '南门已来电' });

  for (const one of [first, second, third, fourth]) {
    // The answer reaches the others within seconds; a person looks again.
    for (let i = 0; ; i++) {
      await one.v.go(one.link);
      if (await one.v.offers('rate')) break;
      assert.ok(i < 60, `${one.number} is never asked`);
    }
    await one.v.reads('主变跳闸，已送电');
    await one.v.act('rate', { solved: 'yes', satisfied: 'satisfied' });
    await one.v.reads('已办结');
  }
  await alone.v.go(alone.link);
  await alone.v.lacks('主变跳闸');
  await Promise.all([dispatcher, neighbour, other, handler, verifier, ...residents.map((r) => r.v)].map((v) => v.close()));
});
