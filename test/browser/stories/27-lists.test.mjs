// A resident looks up who does what, what a township only helps with and where that
// ends, and which certificates nobody may ask of a community; a leader reads a
// precedent and takes it into a draft of the list, with the difference.
import { desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a resident reads the lists, ${name}`, async () => {
    const resident = await at.visit({ size, script: false });
    await resident.go('/duty?q=电梯停运');
    await resident.reads('特种设备（电梯）安全监察');
    await resident.go('/duty/places');
    await resident.follow('清河街道办事处', 'main');
    for (const words of ['自己的事：基本履职事项', '只是配合的事', '对物业企业的检查和处理由住建部门负责', '已由上级收回的事', '县市场监管局', '不要求街道（乡镇）摸排报数']) await resident.reads(words);
    await resident.shot(`lists-street-${name}`, { most: 2200 });
    await resident.go('/duty/of/999901001001');
    await resident.reads('只协助，不作为责任主体');
    await resident.reads('行政执法');
    await resident.shot(`lists-community-${name}`, { most: 2200 });
    await resident.go('/duty/certificates?q=单身');
    await resident.reads('婚姻状况证明');
    await resident.lacks('养犬');
    await resident.go('/duty/certificates');
    await resident.reads('未核对原文');
    await resident.shot(`lists-certificates-${name}`, { most: 2200 });
    await resident.close();
  });
}

test('a leader takes a precedent into a draft of the list', async () => {
  const leader = await at.staff('leader1', { size: desktop });
  await leader.go('/precedents');
  await leader.reads('不要求街道（乡镇）报数');
  await leader.shot('lists-precedents-desktop', { most: 1600 });
  await leader.leads(() => leader.page.locator('main table tbody a').first().click());
  await leader.act('accept', { change: 'boundary', decision: '写清楚，以后不再争。' });
  await leader.follow('写进清单草案', 'main');
  await leader.reads('还没有生效');
  await leader.reads('先例（已裁定的争议');
  const form = leader.page.locator('form#item');
  await leader.leads(() => form.locator('p.acts button').first().click());
  await leader.reads('原为“立案、认定、拆除由主管部门负责。”');
  await leader.reads('发布由全县（区）的管理员办理');
  await leader.shot('lists-draft-desktop', { most: 1800 });

  // The list in force is what it was: a draft is nothing more.
  await leader.go('/duty/versions/example');
  await leader.reads('这是第一版');
  await leader.close();
});
