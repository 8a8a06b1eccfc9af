/** `npm run house`: prints the rooms of the house and who imports whom. `npm run docs` puts it into the README. */
import { betweenRooms, importsBetweenFiles, picture } from './kit/house.ts';

process.stdout.write(`${picture(betweenRooms(await importsBetweenFiles()))}\n`);
