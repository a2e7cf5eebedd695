// The first days of a county: from the printed code to units, people and areas,
// by the checklist alone.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { serve } from '../lib/server.mjs';
import { Visit } from '../lib/visit.mjs';

const at = stage();
const csv = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`the checklist leads through the first days, ${name}`, async () => {
    const fresh = await serve({ bin: process.env.LINLI_BIN, demo: false });
    const v = await Visit.open(at.browser, { url: fresh.url, size });
    try {
      await v.go('/first-run');
      const form = v.page.locator('form#first-run');
      const secret = 'a long enough secret 1';
      for (const [field, value] of Object.entries({ code: fresh.said().match(/一次性代码 (\S+)/)[1], unit: '云溪县人民政府', area: '999901', name: '管理员', login: 'boss', password: secret, again: secret })) await v.fill(form, field, value);
      await v.leads(() => form.locator('button').last().click());
      assert.equal(v.path, '/setup');
      await v.reads('还没有村（社区）');
      await v.shot(`setup-${name}`, { most: 2200 });

      await v.follow('导入区划', 'main');
      const areas = v.page.locator('form#areas');
      await v.fill(areas, 'file', csv('all.csv', 'code,name\n99,示例省\n9999,示例市\n999901,云溪县\n999901001,清河街道\n999901001001,清河社区居委会\n999902001,别县的街道\n'));
      await v.leads(() => areas.locator('p.acts button').click());
      await v.reads('新增 5');
      await v.follow('回到开通清单', 'main');
      await v.reads('1 个街道（乡镇），1 个村（社区）');

      await v.follow('用表格导入单位', 'main');
      const book = () => v.page.locator('form#book');
      await v.fill(book(), 'file', csv('units.csv', '编号,上级单位,名称,类型,职能,区划代码\njd,,清河街道办事处,街道,,999901001\n'));
      await v.leads(() => book().locator('p.acts button').click());
      await v.reads(/新增 0.*没有导入 1|新增 1/s);
      await v.fill(book(), 'file', csv('people.csv', '姓名,登录名,单位编号,岗位\n李二,li2,jd2,派遣员\n'));
      await v.leads(() => book().locator('p.acts button').click());
      await v.reads('没有导入的行');
      await v.reads('初始密码');
      await v.shot(`setup-book-${name}`);
      await v.fill(book(), 'file', { name: 'x.xls', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('d0cf11e0a1b11ae1', 'hex') });
      await v.leads(() => book().locator('p.acts button').click(), 422);
      assert.equal((await v.page.request.get('/setup/book.xlsx')).status(), 200);

      await v.go('/setup');
      await v.leads(() => v.page.locator('form#confirm-keys button').click());
      await v.reads('管理员 于');
      const { code, said } = await fresh.verify();
      assert.equal(code, 0, said);
    } finally {
      await v.close();
      await fresh.stop();
    }
  });
}
