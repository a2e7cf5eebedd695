// 2. From dispatch to a rated close: dispatcher, lead, co-handler, head,
// verifier, the resident at both ends.
import { desktop, stage, test } from '../lib/story.mjs';
import { wholeStory } from '../lib/whole.mjs';

const { visit, staff } = stage();

test('from a report to a rated close', async () => {
  const { number } = await wholeStory({ visit, staff });
  const auditor = await staff('auditor1', { size: desktop });
  await auditor.go(`/read-log?case=${number}`);
  await auditor.reads('电话核对路灯位置');
  await auditor.reads('县路灯管理所');
  await auditor.go('/read-log');
  await auditor.shot('readlog-desktop');
  await auditor.close();
});
