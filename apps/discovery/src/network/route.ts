import { createSocket } from 'node:dgram';

/** Any port: connecting a UDP socket sends nothing, it only asks the routing table. */
const DISCARD_PORT = 9;

/** Our address from which the system would send to that one, or undefined when there is no way. */
export function addressTowards(ip: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const answer = (address?: string): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => {
      answer();
    });
    socket.connect(DISCARD_PORT, ip, () => {
      answer(socket.address().address);
    });
  });
}
