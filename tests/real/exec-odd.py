# SPDX-License-Identifier: BSD-3-Clause
"""Fine print of sockets, for the kernel and for a node: exec-odd.sh compares what both make this print.

What differs for a reason is not asked about here: send(2) without an address is answered at once on a node
(an unconnected socket's EDESTADDRREQ is lost), poll(2) after a connection that was refused has POLLOUT alone.
"""
import array, ctypes, errno, fcntl, os, select, signal, socket, struct, sys, termios, threading, time

def addr(port): return ('2001:db8:2::1', port)
def name(e): return errno.errorcode.get(e, e)
def tried(f, *a):
    try:
        return f(*a)
    except OSError as e:
        return 'timed out' if isinstance(e, socket.timeout) else name(e.errno)
def events(fd, mask=select.POLLIN | select.POLLOUT | select.POLLRDHUP, ms=1000):
    p = select.poll()
    p.register(fd, mask)
    names = [(select.POLLIN, 'IN'), (select.POLLOUT, 'OUT'), (select.POLLERR, 'ERR'), (select.POLLHUP, 'HUP'), (select.POLLRDHUP, 'RDHUP')]
    return [n for _, ev in p.poll(ms) for m, n in names if ev & m]
def pair(port):
    l = socket.create_server(('::', port), family=socket.AF_INET6)
    c = socket.create_connection(('::1', port))
    s, _ = l.accept()
    l.close()
    return c, s
def until(f, want, tries=200):
    for i in range(tries):
        got = f()
        if got == want:
            break
        time.sleep(0.01)
    return got
port = 7000
def two():
    global port
    port += 1
    return pair(port)
def udp(p=0):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(('::1', p))
    return s
tests = []
def test(f):
    tests.append(f)
    return f

@test
def peek_trunc_null_iov():
    s = udp(); s.sendto(b'x' * 700, s.getsockname())
    print(events(s, select.POLLIN))
    libc = ctypes.CDLL(None, use_errno=True)
    class Iov(ctypes.Structure): _fields_ = [('b', ctypes.c_void_p), ('n', ctypes.c_size_t)]
    class Hdr(ctypes.Structure): _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p), ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int)]
    iov = Iov(None, 0)
    h = Hdr(None, 0, ctypes.addressof(iov), 1, None, 0, 0)
    f = socket.MSG_PEEK | socket.MSG_TRUNC
    print(libc.recvmsg(s.fileno(), ctypes.byref(h), f), h.flags == socket.MSG_TRUNC)
    h = Hdr(None, 0, None, 0, None, 0, 0)
    print(libc.recvmsg(s.fileno(), ctypes.byref(h), f), h.flags == socket.MSG_TRUNC)
    print(libc.recv(s.fileno(), None, 0, f), len(s.recv(9000)))

@test
def netlink_fine_print():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1048576)
    print([tried(s.setsockopt, 270, o, 1) for o in (11, 12, 10)])
    s.bind((0, 0))
    pid, groups = s.getsockname()
    print(pid != 0, groups)
    msg = struct.pack('IHHIIBxHiII', 32, 18, 0x301, 77, 0, 0, 0, 0, 0, 0)  # RTM_GETLINK, dump
    print(s.sendto(msg, (0, 0)))
    d, a = s.recvfrom(65536)
    n, typ, flags, seq, port = struct.unpack_from('IHHII', d)
    print(typ, flags & 2, seq, port == pid, a)
    done = False
    while not done:
        at = 0
        while at < len(d):
            n, typ = struct.unpack_from('IH', d, at)
            done = done or typ == 3
            at += n + 3 & ~3
        d = s.recv(65536) if not done else b''
    msg = struct.pack('IHHIIBxHiII', 32, 999, 5, 78, 0, 0, 0, 0, 0, 0)
    os.write(s.fileno(), msg)
    n, typ, flags, seq, port, err = struct.unpack_from('IHHIIi', os.read(s.fileno(), 4096))
    print(typ, seq, port == pid, name(-err))
    s2 = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 0)
    s2.bind((0, 0)); print(s2.getsockname()[0] not in (0, pid))

@test
def interfaces():
    n = socket.if_nameindex()
    print([i[1] for i in n if i[1] in ('lo', 'e')], socket.if_nametoindex('e') > 1, tried(socket.if_nametoindex, 'nix'))
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    print(struct.unpack('16si', fcntl.ioctl(s, 0x8933, struct.pack('16si20x', b'lo', 0))[:20])[1])
    f = struct.unpack('16sh', fcntl.ioctl(s, 0x8913, struct.pack('16sh22x', b'lo', 0))[:18])[1]
    print(hex(f), [l.split() for l in open('/proc/net/if_inet6') if l.endswith('lo\n')])

@test
def refused_stream():
    s = socket.socket(socket.AF_INET6)
    print(tried(s.connect, ('::1', 9)))
    s = socket.socket(socket.AF_INET6); s.setblocking(False)
    print(tried(s.connect, ('::1', 9)) in ('EINPROGRESS', 'ECONNREFUSED'))
    print("OUT" in events(s, select.POLLOUT), name(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

@test
def refused_packet():
    for how in ('recv', 'send', 'SO_ERROR', 'recvfrom', 'recvmsg'):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.settimeout(2)
        s.connect(('::1', 9)); s.send(b'x')
        print(how, end=' ')
        if how == 'recv': print(tried(s.recv, 100))
        if how == 'recvfrom': print(tried(s.recvfrom, 100))
        if how == 'recvmsg': print(tried(s.recvmsg, 100))
        if how == 'send': time.sleep(0.2); print(tried(s.sendto, b'x', ('::1', 9)), tried(s.sendto, b'x', ('::1', 9)))
        if how == 'SO_ERROR': time.sleep(0.2); print(name(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

@test
def error_queue():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # IPV6_RECVERR
    s.sendto(b'question', ('::1', 9))
    print(events(s, select.POLLIN))
    d, c, f, a = s.recvmsg(100, 500, 0x2000)
    e, org, typ, code = struct.unpack_from('IBBB', c[-1][2])
    print(d, [x[:2] for x in c], name(e), org, typ, code, f & 0x2000, a[:2])
    print(events(s, select.POLLIN, 0), name(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
    s.sendto(b'answer', ('::1', 9)); time.sleep(0.2)
    print(tried(s.recv, 10)); s.recvmsg(100, 500, 0x2000)
    t = udp(); t.sendto(b'data', (s.getsockname()[:2]) if False else ('::1', s.getsockname()[1]))
    print(events(s, select.POLLIN), s.recv(100))

@test
def halves():
    c, s = two()
    c.sendall(b'to the end'); c.shutdown(socket.SHUT_WR)
    print(s.recv(100), s.recv(100), until(lambda: events(s), ['IN', 'OUT', 'RDHUP']))
    s.sendall(b'and back'); print(c.recv(100)[:3], tried(c.send, b'x'))
    s.close(); print(c.recv(100), until(lambda: events(c), ['IN', 'OUT', 'HUP', 'RDHUP']))

@test
def reset():
    c, s = two()
    c.sendall(b'abc'); until(lambda: events(s, select.POLLIN), ['IN'])
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()
    print(tried(c.recv, 10), tried(c.recv, 10), tried(c.send, b'x'))
    c, s = two()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()
    print(until(lambda: 'ERR' in events(c), True), name(c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))

@test
def waitall():
    c, s = two()
    def later():
        for i in range(5): time.sleep(0.02); c.sendall(b'x' * 1000)
    t = threading.Thread(target=later); t.start()
    print(len(s.recv(5000, socket.MSG_WAITALL))); t.join()

@test
def timeouts():
    c, s = two(); u = udp(); l = socket.create_server(('::1', 6999), family=socket.AF_INET6)
    for x in (c, u, l):
        x.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('qq', 0, 200000))
        t = time.monotonic()
        r = tried(x.accept) if x is l else tried(x.recvfrom, 10)
        t = time.monotonic() - t
        print(r, 0.15 < t < 1.5)

@test
def signals():
    def hit(*a): pass
    c, s = two(); u = udp(); l = socket.create_server(('::1', 6998), family=socket.AF_INET6)
    libc = ctypes.CDLL(None, use_errno=True)
    buf = ctypes.create_string_buffer(100)
    calls = { 'recv': lambda: libc.recv(c.fileno(), buf, 100, 0), 'recvfrom': lambda: libc.recvfrom(u.fileno(), buf, 100, 0, None, None),
        'recvmsg': lambda: libc.recvfrom(u.fileno(), buf, 100, 0, buf, ctypes.byref(ctypes.c_int(28))), 'accept': lambda: libc.accept(l.fileno(), None, None) }
    for restart in (False, True):
        signal.signal(signal.SIGALRM, hit); signal.siginterrupt(signal.SIGALRM, not restart)
        for n, f in calls.items():
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            if restart:
                def feed():
                    time.sleep(0.3)
                    if n == 'recv': s.send(b'1')
                    elif n == 'accept': socket.create_connection(('::1', 6998))
                    else: udp().sendto(b'1', u.getsockname())
                t = threading.Thread(target=feed); t.start()
            r = f()
            print(n, restart, min(r, 1) if r > 0 else r, name(ctypes.get_errno()) if r < 0 else '')
            if restart: t.join()

@test
def hand_over():
    c, s = two(); u = udp()
    a, b = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        m, fds, _, _ = socket.recv_fds(b, 10, 5)
        x = socket.socket(fileno=fds[0]); y = socket.socket(fileno=fds[1])
        x.sendall(b'from a child'); y.sendto(b'a packet', y.getsockname())
        os._exit(7)
    socket.send_fds(a, [b'!'], [s.fileno(), u.fileno()])
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), c.recv(100), u.recv(100))
    print(c.getpeername()[0], s.family == socket.AF_INET6)

@test
def duplicates():
    c, s = two(); d = os.dup(c.fileno()); os.dup2(c.fileno(), 90); c.close()
    os.write(d, b'one'); os.close(d); os.write(90, b'two')
    print(s.recv(6, socket.MSG_WAITALL)); x = socket.socket(fileno=90); print(x.getpeername()[1] == s.getsockname()[1])
    x.close(); print(s.recv(10))

@test
def through_exec():
    c, s = two(); u = udp()
    os.set_inheritable(s.fileno(), True)
    pid = os.fork()
    if pid == 0:
        c.close()
        os.execv(sys.executable, [sys.executable, '-c', 'import os,socket,sys\ns=socket.socket(fileno=%d)\ns.sendall(b"after exec %%d" %% s.getsockname()[1])\ntry: os.fstat(%d)\nexcept OSError: s.sendall(b" closed")' % (s.fileno(), u.fileno())])
    s.close(); os.waitpid(pid, 0)
    print(until(lambda: c.recv(100, socket.MSG_PEEK), b'after exec %d closed' % port), c.recv(100)[:5], c.recv(100))

@test
def moved_by_the_kernel():
    c, s = two()
    f = open(sys.executable, 'rb'); n = min(os.fstat(f.fileno()).st_size, 300000)
    def send():
        at = 0
        while at < n: at += os.sendfile(c.fileno(), f.fileno(), at, n - at)
        r, w = os.pipe(); os.write(w, b'spliced'); os.splice(r, c.fileno(), 7)
        os.writev(c.fileno(), [b' and', b' ', b'written']); c.close()
    t = threading.Thread(target=send); t.start()
    got = b''
    while d := s.recv(65536): got += d
    t.join(); print(len(got) - n, got[:n] == f.read(n), got[n:])
    c, s = two(); c.sendall(b'abcdef'); until(lambda: events(s, select.POLLIN), ['IN'])
    b1, b2 = bytearray(2), bytearray(4); print(os.readv(s.fileno(), [b1, b2]), bytes(b1), bytes(b2))

@test
def ioctls():
    c, s = two(); c.sendall(b'12345'); u = udp(); u.sendto(b'123', u.getsockname()); u.sendto(b'4', u.getsockname())
    def n(x):
        b = array.array('i', [0]); fcntl.ioctl(x, termios.FIONREAD, b); return b[0]
    print(until(lambda: n(s), 5), until(lambda: n(u), 3))
    fcntl.ioctl(s, 0x5421, array.array('i', [1])); s.recv(5); print(tried(s.recv, 1))
    fcntl.ioctl(u, 0x5421, array.array('i', [1])); u.recv(5); u.recv(5); print(tried(u.recv, 1), tried(u.recvfrom, 1))

@test
def options():
    c, s = two()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); print(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    i = c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104); print(len(i), i[0], struct.unpack_from('I', i, 16)[0] > 500, struct.unpack_from('I', i, 80)[0])
    print(len(c.getsockopt(socket.IPPROTO_TCP, 13, 16)), tried(c.setsockopt, socket.IPPROTO_TCP, 13, b'nosuch'))
    l = socket.create_server(('::1', 6997), family=socket.AF_INET6)
    print([x.getsockopt(socket.SOL_SOCKET, o) for x in (c, l) for o in (socket.SO_ACCEPTCONN, socket.SO_TYPE, socket.SO_DOMAIN, socket.SO_PROTOCOL, socket.SO_ERROR)])
    print(tried(c.setsockopt, socket.IPPROTO_TCP, 3, 1), tried(c.listen), tried(l.getpeername), tried(l.recv, 1), tried(c.connect, ('::1', 6997)), tried(c.bind, ('::1', 0)))
    u = udp(); print(tried(u.listen), tried(u.accept), tried(u.getpeername), tried(u.sendto, b'', ('::1', 0)), tried(u.sendto, bytes(70000), ('::1', 1)))
    print(tried(socket.socket, socket.AF_INET6, socket.SOCK_SEQPACKET), tried(socket.socket, 99), tried(socket.socket, socket.AF_INET6, socket.SOCK_STREAM, 17))

@test
def epolls():
    u = udp(); e = select.epoll(); e.register(u, select.EPOLLIN | select.EPOLLET)
    print(e.poll(0.05)); u.sendto(b'1', u.getsockname()); print(len(e.poll(1)), len(e.poll(0.05)))
    u.sendto(b'2', u.getsockname()); u.recvfrom(9); print(len(e.poll(1)) >= 0, u.recvfrom(9)[0])
    u.sendto(b'3', u.getsockname()); print(len(e.poll(1)), u.recvfrom(9)[0])
    l = socket.create_server(('::1', 6996), family=socket.AF_INET6); l.setblocking(False)
    e = select.epoll(); e.register(l, select.EPOLLIN | select.EPOLLET)
    c = [socket.create_connection(('::1', 6996)) for i in range(3)]
    print(len(e.poll(1)), len([l.accept() for i in range(3)]), tried(l.accept)); x = socket.create_connection(('::1', 6996)); print(len(e.poll(1)))
    l.accept(); e = select.epoll(); e.register(l, select.EPOLLIN); print(e.poll(0.05)); c.append(socket.create_connection(('::1', 6996))); print(len(e.poll(1)), len(e.poll(1)))
    c, s = two(); e = select.epoll(); e.register(s, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
    c.shutdown(socket.SHUT_WR); print([ev & 0x2001 == 0x2001 for _, ev in e.poll(1)])
    print(select.select([s, l], [c], [], 1) == ([s, l], [c], []))

@test
def threads():
    l = socket.create_server(('::1', 6995), family=socket.AF_INET6); got = []
    def serve():
        for i in range(5):
            c, _ = l.accept(); got.append(c.recv(10)); c.close()
    ts = [threading.Thread(target=serve) for i in range(4)]
    for t in ts: t.start()
    for i in range(20): socket.create_connection(('::1', 6995)).sendall(b'%02d' % i)
    for t in ts: t.join()
    print(len(got), sorted(got)[0], sorted(got)[-1])

@test
def shut_listener():
    l = socket.create_server(('::1', 6994), family=socket.AF_INET6)
    l.setblocking(False); print(tried(l.accept)); l.shutdown(socket.SHUT_RD); print(tried(l.accept))
    u = udp(); u.connect(('::1', 9)); u.shutdown(socket.SHUT_RD); print(u.recv(10), u.recvmsg(10)[0])
    u = udp(); u.connect(('::1', 9)); u.shutdown(socket.SHUT_WR); print(tried(u.send, b'x'))

@test
def names():
    print(tried(socket.getaddrinfo, '2001:db8::1', 80, 0, socket.SOCK_STREAM)[0][4])
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); print(s.getsockname()); s.connect(('::1', 9)); print(s.getsockname()[0], s.getpeername())
    s.connect_ex(('::', 0)); libc = ctypes.CDLL(None); print(libc.connect(s.fileno(), struct.pack('H26x', 0), 28)); print(tried(s.getpeername))

for t in tests:
    if len(sys.argv) > 1 and t.__name__ not in sys.argv[1:]:
        continue
    print('-- ' + t.__name__, flush=True)
    try:
        t()
    except Exception as e:
        print('EXCEPTION', type(e).__name__, e, 'line', e.__traceback__.tb_next.tb_lineno)
    sys.stdout.flush()
