// 6. Two procedures that need no Go, on the generic pages.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit, staff } = stage();

test('an allowance from application to answer', async () => {
  const applicant = await visit({ size: phone, script: false });
  await applicant.go('/new');
  await applicant.follow(/困难补助申请/);
  const form = applicant.page.locator('form#open');
  const values = {
    subject: '大病住院临时困难', name: '演示居民甲', idnumber: '999901190001010028', account: '6200000000000001', phone: '13800003333',
    home: '999901001001', household: '3', amount: '3000', reason: '住院自费部分负担重',
  };
  for (const [field, value] of Object.entries({ ...values, idnumber: '999901190001010029' })) await applicant.fill(form, field, value);
  await applicant.leads(() => form.locator('p.acts button').first().click(), 422);
  await applicant.reads('身份证号');
  await applicant.fill(form, 'idnumber', values.idnumber);
  for (const field of ['name', 'account', 'phone']) await applicant.fill(form, field, values[field]);
  await applicant.leads(() => form.locator('p.acts button').first().click(), 201);
  const text = await applicant.reads('已收到，编号');
  const number = text.match(/\d{6}-\d{8}/)[0];
  const link = text.match(/http:\S+\/q\/\S+/)[0];
  await applicant.go(link);
  await applicant.reads('待初审');
  await applicant.lacks('999901190001010028');

  const page = `/cases/${number}`;
  const clerk = await staff('clerk1', { size: desktop });
  await clerk.go(page);
  await clerk.lacks('6200000000000001');
  await clerk.act('ask', { opinion: '请说明住院次数' });
  await applicant.go(link);
  await applicant.act('complete', { reason: '住院两次，自费合计八千余元' });
  await applicant.reads('待初审');
  await clerk.go(page);
  await clerk.act('first_approve', { opinion: '票据齐全', granted: '3500' });
  assert.ok(!(await clerk.offers('second_approve')));

  const head = await staff('head1', { size: desktop });
  await head.go(page);
  assert.ok(!(await head.offers('second_approve')), 'no more is granted than was asked for');
  await head.whyNot();
  await head.reads('核定金额不能高于申请金额');
  await head.go(page);
  await head.act('send_back', { opinion: '核定金额高于申请金额' });
  await clerk.go(page);
  await clerk.act('first_approve', { opinion: '票据齐全', granted: '2000' });
  await head.go(page);
  await head.shot('allowance-desktop', { most: 2000 });
  await head.act('second_approve', { opinion: '同意' });
  await clerk.go(page);
  await clerk.act('answer', { answer: '同意补助 2000 元，十个工作日内发放到所留账户。' });
  await clerk.reads('已同意');
  await applicant.go(link);
  await applicant.reads('同意补助 2000 元');
  await Promise.all([applicant, clerk, head].map((v) => v.close()));
});

test('a village notice: three opinions, posted on paper before it is entered, fifteen days', async () => {
  const clerk = await staff('clerk3', { size: desktop });
  await clerk.go('/new');
  await clerk.follow(/村务公开/);
  const form = clerk.page.locator('form#open');
  const subject = '第三季度村级收支（演示）';
  await clerk.fill(form, 'village', '999901100201');
  await clerk.fill(form, 'subject', subject);
  await clerk.fill(form, 'period', await form.locator('select[name=period] option').nth(1).getAttribute('value'));
  await clerk.fill(form, 'contents', '收入：鱼塘租金12000元。支出：道路养护8600元，路灯电费2140元。结余1260元。');
  await clerk.leads(() => form.locator('p.acts button').first().click());
  const page = clerk.path;
  await clerk.act('submit');
  await clerk.reads('三方审查中');
  assert.ok(!(await clerk.offers('opine')), 'who submitted gives no opinion');
  for (const login of ['overseer3', 'director3', 'secretary3']) {
    const body = await staff(login, { size: login === 'secretary3' ? phone : desktop, script: login !== 'director3' });
    await body.go(page);
    await body.act('opine', { verdict: 'agree', reason: '已看过票据' });
    if (login !== 'secretary3') await body.reads('三方审查中');
    await body.close();
  }
  const second = await staff('clerk4', { size: desktop });
  await second.go(page);
  await second.reads('审查通过');
  const form2 = await second.form('post');
  assert.equal(await form2.locator('[name=_happened]').count(), 1, 'what happened on paper can be entered later');
  await second.act('post');
  await second.reads('公开中');
  await second.whyNot();
  await second.reads('还没有满期');
  await second.reads('村民委员会组织法 35(4)');
  assert.ok(!(await second.offers('take_down')), 'a notice stands fifteen days');
  await second.shot('notice-case-desktop', { most: 2000 });
  await second.close();
  await clerk.close();

  const villager = await visit({ size: desktop, script: false });
  await villager.go('/notices');
  await villager.follow(subject);
  await villager.reads('鱼塘租金12000元');
  await villager.reads('至少公开到');
  await villager.shot('notice-desktop');
  await villager.close();
});
