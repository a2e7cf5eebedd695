// 31. A street and the units under its command: the head orders, the justice office
// reports; the bureau may not move its head before the street was heard; a grid's team
// takes up a matter; a resident sees who is on the team. On a phone and on a desktop.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { staff, visit } = stage();
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());

/** Fills in an opening form and sends it. */
async function open(v, path, values, status = 200) {
  await v.go(path);
  const form = v.page.locator('form#open');
  for (const [field, value] of Object.entries(values)) await v.fill(form, field, value);
  await v.leads(() => form.locator('p.acts button:not([type=button])').first().click(), status);
  return v.path;
}

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a street commands, is heard, and a team works, ${name}`, async () => {
    const head = await staff('head1', { size });
    await head.go('/town');
    await head.reads('清河街道司法所');
    await head.reads('县司法局');
    await head.shot(`town-${name}`, { most: 4000 });
    await head.follow('给清河街道司法所交任务', 'main');
    const task = { subject: `调解楼道堆物纠纷（${name}）`, words: '上门调解，报结果。', place: '二号楼', by: '2020-01-01' };
    const past = await open(head, head.path + new URL(head.page.url()).search, task, 422);
    assert.ok(past, 'an order into the past was taken');
    await head.reads('已经过去');
    const order = await open(head, '/new/station-order/order?station=qinghe-ju', { ...task, by: today() });
    await head.reads('待接收');

    const office = await staff('h-qinghe-ju', { size });
    await office.go(order);
    await office.act('take_up');
    await office.act('report', { result: '双方当场清理，签了承诺。' });
    await head.go(order);
    await head.act('accept');
    await head.reads('已完成');
    await head.shot(`town-order-${name}`, { most: 2400 });

    // The bureau wants to move the office's head: first the street is heard and answered.
    const bureau = await staff('b-justice', { size });
    const hearing = await open(bureau, '/new/posting-opinion/ask?station=qinghe-ju&owner=justice', { subject: `司法所负责人调动（${name}）`, kind: 'transfer', name: '清河街道司法所负责人', proposal: '调回局机关。' });
    await bureau.whyNot();
    await bureau.reads('先听取指挥单位');
    await bureau.shot(`town-unheard-${name}`, { most: 2400 });
    await head.go(hearing);
    await head.act('opine', { stance: 'with_changes', opinion: '年底调解任务重，请推迟一个月。' });
    await bureau.go(hearing);
    await bureau.act('answer', { adopted: 'adopted', answer: '推迟到下月。' });
    await bureau.act('decide', { decision: '下月调回。' });
    await bureau.reads('已决定');

    // The grid's team: each gets a part, and it closes when the parts have ended.
    const worker = await staff('grid1', { size });
    const matter = await open(worker, '/new/team-matter/take_up', { area: '999901001001', subject: `独居老人用火用电（${name}）`, words: '需要上门看电线，并问清租赁合同。' });
    await worker.act('give', { member: '法律顾问', member_unit: 'qinghe-ju', part: '看租赁合同里谁修电线。', limit: '3 days' });
    await worker.shot(`town-team-${name}`, { most: 2400 });
    const part = await worker.page.locator('main a[href^="/cases/"]', { hasText: '组团' }).first().getAttribute('href');
    await office.go(part);
    await office.reads('看租赁合同');
    await office.lacks('上门看电线', 'main');
    await office.act('finish', { result: '合同写明房东修。' });
    await worker.go(matter);
    await worker.act('close', { outcome: '房东已换线。' });
    await worker.reads('已办结');

    const clerk = await staff('clerk1', { size });
    const member = { area: '999901001001', role: 'doctor', name: `示例医生（${name}）`, organisation: '清河卫生服务中心', telephone: '13900000000', consent: 'yes', consent_day: today() };
    await open(clerk, '/new/team-member/register', member, 422);
    await clerk.reads('不写手机号');
    await open(clerk, '/new/team-member/register', { ...member, telephone: '0999-5550101' });

    const resident = await visit({ size });
    await resident.go('/grid/999901001001001');
    await resident.reads('家庭医生');
    await resident.reads('0999-5550101');
    await resident.reads('法律顾问');
    await resident.shot(`town-resident-${name}`, { most: 2400 });
  });
}
