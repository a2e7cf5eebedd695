// A task handed down by an item: the street passes a piece of it on to two of its
// communities, one refuses citing the list and the county upholds, the other reports;
// results and summaries go back up.
import { desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const cases = { phone: { size: phone, head: 'b-justice', day: '一' }, desktop: { size: desktop, head: 'b-veterans', day: '二' } };

for (const [name, c] of Object.entries(cases)) {
  test(`a task down and its result up, ${name}`, async () => {
    const subject = `化解积案第${c.day}批`;
    const head = await at.staff(c.head, { size: c.size, script: name === 'desktop' });
    await head.go('/tasks/new');
    const form = head.page.locator('form#ask');
    await form.locator('details:has(input[value="qinghe"]) summary').click();
    await form.locator('input[name="to"][value="qinghe"]').check();
    for (const [field, value] of Object.entries({ subject, words: '请化解跨社区的邻里积案，报化解情况。', limit: '10 workdays', kind: 'task' })) await head.fill(form, field, value);
    await head.fill(form, 'q', '矛盾纠纷化解');
    if (name === 'phone') await head.press('查清单');
    await form.locator('input[name="item"][value="J05"]').check();
    await head.press('交办');
    await head.reads('已下发');
    const number = head.path.split('/').pop();

    const street = await at.staff('head1', { size: c.size });
    await street.go('/tasks?view=here');
    await street.follow(subject, 'main');
    await street.act('take_up');
    const part = street.path.split('/').pop();
    await street.follow('分给村（社区）', 'main');
    const pass = street.page.locator('form#ask');
    for (const unit of ['c-qinghe', 'c-liuyuan']) await pass.locator(`input[name="to"][value="${unit}"]`).check();
    for (const [field, value] of Object.entries({ subject: `${subject}：走访调解`, words: '请调解本社区内的一般纠纷，报结果。', limit: '5 workdays', q: 'C01' })) await street.fill(pass, field, value);
    await pass.locator('input[name="item"][value="C01"]').check();
    await street.shot(`tasks-pass-${name}`, { most: 2200 });
    await street.press('交办');
    await street.reads('清河社区居委会');

    // One refuses, the county decides.
    const director = await at.staff('director1', { size: c.size });
    await director.go('/tasks?view=here');
    const mine = director.page.locator('ul.tasks > li').filter({ hasText: subject });
    await mine.locator('details.confirm > summary').click();
    await mine.locator('[name="cited"]').fill('X9');
    await mine.locator('[name="reason"]').fill('本社区没有这样的纠纷，重大纠纷由街道牵头');
    await director.shot(`tasks-here-${name}`, { most: 1800 });
    await director.leads(() => mine.locator('form p.acts button').click(), 422);
    await director.reads('没有“X9”这一项');
    await mine.locator('[name="cited"]').fill('J05');
    await director.leads(() => mine.locator('form p.acts button').click());
    await director.reads('重大纠纷由街道牵头');
    const county = await at.staff('leader1', { size: c.size });
    await county.go(`/tasks/${number}`);
    await county.leads(() => county.page.locator('ul.tree li', { hasText: '不承担的裁定' }).getByRole('link').click());
    await county.act('uphold', { ruling: '重大纠纷由街道牵头，不承担成立' });

    // The other reports, and it goes up.
    const other = await at.staff('h-c-liuyuan', { size: c.size });
    await other.go('/tasks?view=here');
    await other.follow(`${subject}：走访调解`, 'main');
    await other.act('take_up');
    await other.act('report', { result: '调解三起，两起达成协议' });
    const below = other.path.split('/').pop();
    await street.go(`/cases/${below}`);
    await street.act('accept_result');
    await street.go(`/tasks/${number}`);
    await street.leads(() => street.page.locator('ul.tree li', { hasText: '分给下级' }).getByRole('link').click());
    await street.act('close', { summary: '两个社区，三起纠纷，两起达成协议' });
    await street.go(`/cases/${part}`);
    const report = await street.form('report');
    await street.leads(() => report.locator('p.acts button.button').first().click()); // what came from below stands in it
    await head.go(`/cases/${part}`);
    await head.act('accept_result');
    await head.go(`/cases/${number}`);
    await head.act('close', { summary: '清河街道化解两起' });
    await head.go(`/tasks/${number}`);
    await head.reads('清河街道化解两起');
    await head.reads('不承担成立');
    await head.shot(`tasks-tree-${name}`, { most: 2600 });
    for (const v of [head, street, director, county, other]) await v.close();
  });
}
