// A street calls departments: a community asks, the head agrees, three are called, each
// with its own ask. One comes and delivers, one says it is not its matter and is ordered
// to come, one keeps silent and goes before the county. Everybody called sees the board;
// only the street ends it. And an emergency goes at once and is confirmed afterwards.
import { desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const units = { property: '县物业管理服务中心', cityadmin: '县城市管理局', housing: '县住房和城乡建设局' };

/** Opens the case of one department from the board. */
async function call(visit, board, unit) {
  await visit.go(board);
  await visit.leads(() => visit.page.locator(`.whistle-board article:has-text("${units[unit]}") h3 a`).click());
}

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a whistle from a community's wish to its end, ${name}`, async () => {
    const matter = `三号楼电梯停运${name === 'phone' ? '一' : '二'}`;
    const clerk = await at.staff('clerk1', { size, script: name === 'desktop' });
    await clerk.go('/whistles/new');
    const wish = clerk.page.locator('form#blow');
    for (const [field, value] of Object.entries({ area: '999901001001', subject: matter, words: '电梯停了三天，物业不管。', 'place.words': '清河菜市场' })) await clerk.fill(wish, field, value);
    await clerk.leads(() => wish.locator('button[name=blow]').last().click());
    await clerk.reads('还没有批准');
    const board = clerk.path;

    const head = await at.staff('head1', { size });
    await head.go('/whistles');
    await head.follow(matter);
    await head.follow('办理这次吹哨');
    await head.act('grant', { kind: 'everyday', departments: Object.keys(units), asks: `周五九点到现场；${units.property}：约谈物业；${units.cityadmin}：清走占道货架`, answer_within: '24 hours' });

    const property = await at.staff('h-property', { size });
    await call(property, board, 'property');
    await property.act('report_in', { who_comes: '维修科甲' });
    await call(head, board, 'property');
    await head.act('arrived');
    await property.go(board);
    await property.reads('已到场');
    await call(property, board, 'property');
    await property.act('deliver', { result: '已约谈物业，当天修好。' });
    await call(head, board, 'property');
    await head.act('accept');

    const city = await at.staff('b-cityadmin', { size });
    await call(city, board, 'cityadmin');
    await city.act('decline', { item: 'Z99', reason: '没有这一项' }, 422);
    await city.reads('没有“Z99”');
    await city.act('decline', { item: 'J01', reason: '街面秩序由街道牵头' });
    await call(head, board, 'housing');
    await head.act('refer', { complaint: '两天没有回音' });

    const leader = await at.staff('leader1', { size });
    await leader.go('/whistles/disputes');
    await leader.reads('街面秩序由街道牵头');
    await leader.reads('占道经营');
    await leader.reads('没有答复');
    await leader.shot(`whistle-disputes-${name}`, { most: 4000 });
    for (const [unit, ruling] of [['cityadmin', '现场由城管局清走'], ['housing', '按要求到场']]) {
      await leader.go('/whistles/disputes');
      await leader.leads(() => leader.page.locator(`section.dispute:has-text("${units[unit]}答"):has-text("${matter}") h2 a`).first().click());
      await leader.act('order', { ruling });
    }

    await head.go(board);
    await head.follow('办理这次吹哨');
    await head.act('meet', { minutes: '物业中心到场，城管局、住建局裁定应当到场。' });
    await head.act('end_owing', { outcome: '电梯已修好', reason: '货架另行处理' });
    await city.go(board);
    await city.reads('结束时没有完成的');
    await city.reads('清走占道货架');
    await city.shot(`whistle-board-${name}`, { most: 6000 });
  });

  test(`an emergency is confirmed afterwards, ${name}`, async () => {
    const duty = await at.staff('duty1', { size, script: name === 'desktop' });
    await duty.go('/whistles/new');
    await duty.shot(`whistle-new-${name}`, { most: 5000 });
    const form = duty.page.locator('form#blow');
    const filled = { area: '999901001', kind: 'emergency', subject: '燃气泄漏', words: '一单元闻到燃气味。', 'department.1': 'gas', 'ask.1': '关阀检测', 'department.2': 'fire', answer_within: '1 hour' };
    for (const [field, value] of Object.entries(filled)) await duty.fill(form, field, value);
    await duty.leads(() => form.locator('button[name=blow]').last().click(), 422); // nothing is asked of the fire service
    await duty.reads('没有写请“县消防救援大队”做什么');
    await duty.fill(form, 'ask.2', '现场警戒');
    await duty.leads(() => form.locator('button[name=blow]').last().click());
    await duty.reads('负责人还没有确认');
    const board = duty.path;
    const head = await at.staff('head1', { size });
    await head.go(board);
    await head.follow('办理这次吹哨');
    await head.act('confirm');
    await duty.go(board);
    await duty.lacks('负责人还没有确认');
    await duty.go('/whistles');
    await duty.shot(`whistle-list-${name}`, { most: 3000 });
  });
}
