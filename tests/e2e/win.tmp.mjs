import { scene } from './desktop.mjs';
scene('dev', async (desktop) => {
  await desktop.open();
  const size = () => desktop.page.run('return [innerWidth, innerHeight]');
  console.log(await size());
  console.log(await desktop.page.post('window/rect', {x:0,y:0,width:2600,height:1500}).catch(e=>e.message));
  console.log(await size());
  console.log(await desktop.page.post('window/maximize', {}).catch(e=>e.message));
  console.log(await size());
}, {size: '2600x1500'});
