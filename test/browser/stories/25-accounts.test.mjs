// A quarter's accounts from the workbook, with one fen too much at first, to a
// resident's question at a line and its answer beside it. Nothing needs script.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const csv = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const head = '日期,凭证号,摘要,账户,类别,收入,支出,余额,经手人\n';
// The second quarter begins where the first one ended.
const quarters = {
  phone: { period: '2026Q2', cash: 100000, bank: 5000000, month: '05' },
  desktop: { period: '2026Q3', cash: 87950, bank: 3640000, month: '08' },
};
const yuan = (fen) => (fen / 100).toFixed(2);

/** Two accounts and four lines; over is added to the last balance. */
function book({ cash, bank, month }, over = 0) {
  const day = (n) => `2026-${month}-${n}`;
  return head + `,,期初余额,现金,,,,${yuan(cash)},\n,,期初余额,银行存款,,,,${yuan(bank)},\n` +
    `${day('05')},1,上级补助路面维修,银行存款,上级补助,20000,,${yuan(bank + 2000000)},报账员\n` +
    `${day('11')},2,购买办公用品,现金,办公费,,120.50,${yuan(cash - 12050)},报账员\n` +
    `${day('20')},3,路面维修工程首付款,银行存款,工程款,,30000,${yuan(bank - 1000000)},主任\n` +
    `${day('28')},4,保洁员报酬,银行存款,保洁费,,3600,${yuan(bank - 1360000 + over)},报账员\n`;
}

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a quarter from workbook to answer, ${name}`, async () => {
    const q = quarters[name];
    const keeper = await at.staff('clerk1', { size, script: name === 'desktop' });
    const bring = async (over, status = 200) => {
      await keeper.go('/accounts/new');
      const form = keeper.page.locator('form#bring');
      if ((await form.locator('[name="village"]').count()) > 0) await keeper.fill(form, 'village', '999901001001');
      await keeper.fill(form, 'period', q.period);
      await keeper.fill(form, 'holder', 'committee');
      await keeper.fill(form, 'workbook', csv('账.csv', book(q, over)));
      await keeper.leads(() => form.locator('p.acts button').click(), status);
    };
    await keeper.go('/accounts/new');
    const form = keeper.page.locator('form#bring');
    if (name === 'phone') await keeper.shot(`accounts-new-${name}`);
    await keeper.fill(form, 'period', q.period);
    await keeper.fill(form, 'holder', 'person');
    await keeper.fill(form, 'workbook', csv('账.csv', book(q)));
    await keeper.leads(() => form.locator('p.acts button').click(), 422);
    await keeper.reads('个人账户');

    await bring(1);
    if (name === 'phone') { // asked once, remembered for the next quarter
      await keeper.reads('请确认每一列是什么');
      await keeper.shot(`accounts-columns-${name}`, { most: 2400 });
      await keeper.press('确认并核对');
    }
    await keeper.reads('还不能提交');
    await keeper.reads('0.01');
    await keeper.shot(`accounts-refused-${name}`, { most: 2400 });
    assert.equal((await keeper.page.request.get(`${new URL(keeper.page.url()).pathname}/report`)).status(), 200);
    await bring(0);
    await keeper.reads('核对无误，共 4 笔');
    await keeper.shot(`accounts-ready-${name}`);
    await keeper.press('提交监督委员会审核');
    const id = keeper.path.split('/').pop();

    const overseer = await at.staff('overseer1', { size });
    await overseer.go(`/cases/${id}`);
    await overseer.follow('逐笔看账和凭证');
    await overseer.reads('路面维修工程首付款');
    await overseer.go(`/cases/${id}`);
    await overseer.act('cosign');
    const director = await at.staff('director1', { size });
    await director.go(`/cases/${id}`);
    await director.act('approve');
    await director.go(`/cases/${id}`);
    await director.act('post');

    const resident = await at.visit({ size, script: false });
    await resident.go('/books');
    await resident.follow('清河社区居委会', 'main');
    await resident.go(`/books/999901001001/${q.period}`);
    await resident.shot(`accounts-book-${name}`, { most: 3200 });
    await resident.go(`/books/999901001001/${q.period}?category=works`);
    await resident.reads('路面维修工程首付款');
    await resident.lacks('保洁员报酬');
    await resident.follow('3. 路面维修工程首付款', 'main');
    const ask = resident.page.locator('form#ask');
    await resident.fill(ask, 'question', '这笔首付款是怎样比价的？');
    await resident.leads(() => ask.locator('p.acts button').click(), 201);
    await resident.reads('已提交，编号');
    await resident.shot(`accounts-asked-${name}`, { most: 2400 });
    const link = await resident.page.locator('main a[href*="/q/"]').getAttribute('href');
    for (const paper of ['A4', 'A3']) {
      const pdf = await resident.page.request.get(`/books/999901001001/${q.period}/print?paper=${paper}`);
      assert.equal(pdf.status(), 200);
      assert.match((await pdf.body()).subarray(0, 5).toString(), /%PDF-/);
    }
    assert.equal((await resident.page.request.get(`/books/999901001001/${q.period}/workbook`)).status(), 200);

    await director.go('/cases?box=unit');
    await director.page.goto('/cases?box=unit&procedure=accounts-question');
    await director.leads(() => director.page.locator('table.worklist tbody a').first().click());
    await director.act('answer', { answer: '三家比价后由村（居）民代表会议决定。', shown: 'yes', shown_question: '这笔首付款是怎样比价的？' });
    await resident.go(`/books/999901001001/${q.period}/lines/3`);
    await resident.reads('三家比价');
    await resident.shot(`accounts-answered-${name}`, { most: 2400 });
    await resident.go(link);
    await resident.reads('三家比价');
    for (const v of [keeper, overseer, director, resident]) await v.close();
  });
}
