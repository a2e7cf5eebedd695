// 5. The other doors: staff enter for a caller, grid workers report, settle
// small things and send up what they cannot settle.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { describe, pick, receipt } from '../lib/resident.mjs';

const { visit, staff } = stage();

test('an intake officer enters a call on somebody\'s behalf', async () => {
  const intake = await staff('intake1', { size: desktop });
  await intake.go('/');
  await intake.follow('代为登记', 'header');
  await describe(intake, { from: '/staff/requests/new', channel: 'phone', words: '来电：柳园小区下水道堵了，污水往外冒', place: '柳园小区南门', phone: '13800002222' });
  await pick(intake, '柳园小区南门');
  await intake.press('提交');
  const { number, link } = await receipt(intake);
  await intake.follow('打开办件');
  await intake.reads(number);
  await intake.reads('来电');
  await intake.close();

  const caller = await visit({ script: false });
  await caller.go(link);
  await caller.reads('工作人员代为登记');
  await caller.close();

  const other = await staff('h-water', { size: desktop });
  await other.go('/staff/requests/new', 403);
  await other.go(`/cases/${number}`, 404);
  await other.close();
});

test('a grid worker settles a small thing on the phone, somebody else checks it', async () => {
  const worker = await staff('grid1', { size: phone, script: false });
  await worker.go('/staff/grid/new');
  await describe(worker, { from: '/staff/grid/new', words: '单元门上新贴了三张小广告', place: '' });
  await worker.fill(worker.page.locator('main form.form'), 'class', 'small-ads');
  await pick(worker, '网格');
  await worker.press('提交');
  const page = worker.path;
  await worker.act('settle', { result: '当场清除，擦净胶痕' });
  await worker.reads('待核查');
  assert.ok(!(await worker.offers('check_done')), 'nobody checks own work');
  await worker.close();

  const clerk = await staff('clerk1', { size: desktop });
  await clerk.go(page);
  await clerk.act('check_done', { finding: '已清除' });
  await clerk.reads('已办结');
  await clerk.close();
});

test('a grid worker sends up what the grid cannot settle', async () => {
  const worker = await staff('grid1', { size: phone });
  await worker.go('/staff/grid/new');
  await worker.shot('grid-worker-phone');
  await describe(worker, { from: '/staff/grid/new', words: '巡查发现路灯不亮', place: '' });
  await pick(worker, '网格');
  await worker.press('提交');
  const page = worker.path;
  // A street light is nothing to settle oneself, and the page says so.
  assert.ok(!(await worker.offers('settle')) || (await worker.act('settle', { result: '看过了' }, 422), true));
  await worker.go(page);
  await worker.act('send_up', { reason: '需要专业单位维修' });
  await worker.reads('已上报');
  await worker.close();

  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go('/cases?box=all&q=' + encodeURIComponent('巡查发现路灯不亮'));
  await dispatcher.follow('巡查发现路灯不亮', 'table');
  await dispatcher.reads('网格上报');
  await dispatcher.act('dispatch');
  await dispatcher.reads('待签收');
  await dispatcher.close();
});
