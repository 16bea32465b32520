"""Carries connections into and out of a network namespace, over Unix sockets that both sides see.

forward.py out FOLDER ADDRESS:PORT=HOST:PORT...   outside: for each a socket in the folder, whose connections go to HOST:PORT
forward.py in FOLDER ADDRESS:PORT=HOST:PORT...    inside: listens on each ADDRESS:PORT, and goes to that socket
"""
import asyncio
import os
import sys


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def handler(connect):
    async def handle(reader, writer):
        try:
            other_reader, other_writer = await connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, other_writer), copy(other_reader, writer))
    return handle


async def main(side, folder, *ways):
    servers = []
    for way in ways:
        inside, outside = way.split("=")
        path = os.path.join(folder, inside)
        (address, port), (host, target) = inside.rsplit(":", 1), outside.rsplit(":", 1)
        if side == "out":
            servers.append(await asyncio.start_unix_server(handler(lambda h=host, t=target: asyncio.open_connection(h, int(t))), path))
            os.chmod(path, 0o666)
        else:
            servers.append(await asyncio.start_server(handler(lambda p=path: asyncio.open_unix_connection(p)), address, int(port)))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main(*sys.argv[1:]))
