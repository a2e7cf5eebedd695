// 3. A return names who is responsible; a dispute is decided above; after that
// nothing is returned any more, and the page says why.
import { assert, desktop, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const { visit, staff } = stage();

test('a return names who is responsible, an arbitration ends the dispute', async () => {
  const resident = await visit({ script: false });
  const { number, link } = await report(resident, { words: '学府路口的路灯一闪一闪', place: '学府路口', class: 'street-light' });
  const page = `/cases/${number}`;

  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go(page);
  await dispatcher.act('dispatch', { lead: 'power', item: '' });

  const power = await staff('h-power', { size: desktop });
  await power.go(page);
  // Nobody returns without saying whose it is.
  await power.act('send_back', { responsible: 'power', responsible_item: 'B01', reason: '不是我们的' }, 422);
  await power.reads('不能写本单位');
  await power.act('send_back', { responsible: 'lighting', responsible_item: 'B01', reason: '路灯由路灯管理所养护' });
  await power.reads('不再在您的范围内');

  await dispatcher.go(page);
  await dispatcher.reads('退回');
  await dispatcher.reads('县路灯管理所');
  await dispatcher.reads('路灯由路灯管理所养护');
  await dispatcher.act('dispatch', { lead: 'power', item: '' });

  await power.go(page);
  await power.act('dispute', { responsible: 'lighting', responsible_item: 'B01', reason: '两家的线路有交叉，请裁定' });
  await power.reads('职责争议裁定中');
  await resident.go(link);
  await resident.reads('由哪个单位负责还在裁定');

  const above = await staff('leader1', { size: desktop });
  await above.go(page);
  await above.follow('职责裁定');
  await above.act('rule', { lead: 'power', ruling: '线路故障由供电公司主办' });
  await above.reads('已裁定');
  await above.close();

  await power.go(page);
  await power.reads('待签收');
  assert.ok(!(await power.offers('send_back')), 'no return after the decision');
  await power.whyNot();
  await power.reads('职责争议已经裁定，不能再退回');
  await power.act('accept');
  await power.reads('办理中');
  await Promise.all([resident, dispatcher, power].map((v) => v.close()));
});
