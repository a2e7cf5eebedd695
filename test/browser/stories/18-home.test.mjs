// My grid: by the name of a place to the grid, whom to call, the poster, and on
// to the report page with the place already known.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit } = stage();

for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
  for (const script of name === 'phone' ? [true, false] : [true]) {
    test(`my grid, ${name}${script ? '' : ', without script'}`, async () => {
      const v = await visit({ size, script });
      await v.go('/grid');
      await v.fill(v.page.locator('#grid'), 'at.words', '清河菜市场');
      await v.press('查找');
      await v.follow('清河菜市场', 'main');
      assert.match(v.path, /^\/grid\/999901001001/);
      await v.reads('网格员');
      await v.reads('12345');
      if (script) await v.shot(`mygrid-${name}`);
      const poster = await v.page.request.get(`${v.path}/poster.pdf`);
      assert.equal(poster.headers()['content-type'], 'application/pdf');
      assert.equal((await poster.body()).subarray(0, 5).toString(), '%PDF-');
      await v.follow('去清河社区居委会', 'main');
      await v.reads('第1网格');
      await v.follow('第1网格', 'main');
      await v.follow('在这里反映问题', 'main');
      assert.equal(v.path, '/report');
      await v.close();
    });
  }
}
