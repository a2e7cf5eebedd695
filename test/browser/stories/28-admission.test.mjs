// The door: what no list has waits for three opinions and the county before anybody
// below hears of it; what was taken back does not go; what comes again in pieces is
// seen beside the refused one.
import { desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
// Each size has a department of its own: a refused task is remembered by department.
const cases = {
  phone: { size: phone, head: 'b-education', clerk: 'h-education', matter: '暑期托管需求', words: '请摸排辖区小学生暑期托管的需求人数、时段和家长联系方式，逐户登记，月底前报汇总。' },
  desktop: { size: desktop, head: 'b-culture', clerk: 'h-culture', matter: '广场舞场地冲突', words: '请统计辖区广场舞队伍的数量、时段和使用场地，逐队登记负责人，月底前报汇总。' },
};

/** Fills the form by which a task is brought to the door. */
async function asks(visit, { to, subject, words, limit = '10 workdays' }) {
  await visit.go('/tasks/new');
  const form = visit.page.locator('form#ask');
  for (const unit of to) {
    const box = form.locator(`input[name="to"][value="${unit}"]`);
    const fold = form.locator(`details:not([open]):has(input[value="${unit}"])`);
    if ((await fold.count()) > 0) await fold.locator('summary').click();
    await box.check();
  }
  for (const [name, value] of Object.entries({ subject, words, limit, kind: 'task' })) await visit.fill(form, name, value);
  return form;
}

for (const [name, c] of Object.entries(cases)) {
  test(`a task at the door, ${name}`, async () => {
    const head = await at.staff(c.head, { size: c.size, script: name === 'desktop' });
    await asks(head, { to: ['qinghe', 'dongshan'], subject: c.matter, words: c.words });
    await head.press('看能不能下发');
    await head.reads('清单外，须先准入');
    await head.shot(`tasks-door-${name}`, { most: 2400 });
    await head.press('交办');
    await head.act('apply', { basis: '市里专项部署', funds: '2000', people: '每个街道派一名业务员', period: '30 days', reason: '安排场地和志愿者' });
    const number = head.path.split('/').pop();

    for (const [who, verdict, remark] of [['admit1', 'agree', '只报人数，不登记联系方式'], ['admit2', 'agree', '依据是市里文件'], ['admit3', 'object', '经费只够一半']]) {
      const member = await at.staff(who, { size: c.size });
      await member.go(`/tasks/${number}`);
      await member.follow('看准入办件');
      await member.act('opine', { verdict, remark });
      await member.close();
    }
    const county = await at.staff('leader1', { size: c.size });
    await county.go(`/tasks/${number}`);
    await county.reads('经费只够一半');
    await county.follow('看准入办件');
    await county.act('grant', { period: '30 days', ruling: '同意，只报人数', boundary: '街道只报人数，不登记个人信息' });
    await head.go(`/cases/${number}`);
    await head.act('hand_down');
    const street = await at.staff('head1', { size: c.size });
    await street.go('/tasks?view=here');
    await street.reads(c.matter);
    await street.reads('不登记个人信息');
    await street.go(`/tasks/${number}`);
    await street.reads('只报人数，不登记联系方式');
    await street.shot(`tasks-admitted-${name}`, { most: 2600 });

    // Taken back: the item is found by words, and the door says no with it.
    const lifts = `${c.matter}和电梯`;
    const form = await asks(head, { to: ['qinghe', 'dongshan'], subject: lifts, words: `${c.words}同时检查所在楼宇电梯的安全状况。` });
    await head.fill(form, 'q', '电梯');
    if (name === 'phone') await head.press('查清单'); // without script by a second page
    await form.locator('input[name="item"][value="S04"]').check();
    await head.press('看能不能下发');
    await head.reads('已由上级部门收回');
    await head.press('交办');
    await head.reads('不得下发');
    const refused = head.path.split('/').pop();

    // A colleague brings a piece of it under an item that lets it go: it goes, and the county sees both.
    const clerk = await at.staff(c.clerk, { size: c.size });
    const piece = await asks(clerk, { to: ['c-liuyuan'], subject: `${c.matter}登记`, words: c.words });
    await clerk.fill(piece, 'q', 'C03');
    await piece.locator('input[name="item"][value="C03"]').check();
    await clerk.press('看能不能下发');
    await clerk.reads(refused);
    await clerk.press('交办');
    const split = clerk.path.split('/').pop();
    await county.go('/tasks?view=county');
    await county.reads(`${c.matter}登记`);
    await county.shot(`tasks-county-${name}`, { most: 3000 });
    await county.go(`/cases/${split}`);
    await county.act('stop', { reason: '拆分不得下发的任务' });
    await county.go(`/tasks/${split}`);
    await county.reads('县里已叫停');
    for (const v of [head, county, street, clerk]) await v.close();
  });
}
