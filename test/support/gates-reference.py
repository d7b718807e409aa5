"""Independent reference of the gates' statistics. Standard library only; exact fractions until the last step, decimal for the normal."""
import json, math, itertools
from fractions import Fraction as F
from decimal import Decimal as D, getcontext
getcontext().prec = 700

# ---- normal, by the everywhere convergent series  Phi = 1/2 + phi(z) * sum z^(2k+1)/(1*3*...*(2k+1)) ----
def pi():  # Machin
    def atan_inv(n):
        x = D(1)/n; s = x; t = x; k = 1
        while abs(t) > D(10)**-690:
            t = -t/(n*n); k += 2; s += t/k
        return s
    return 4*(4*atan_inv(5) - atan_inv(239))
PI = pi()
def phi(z): return (-z*z/2).exp()/(2*PI).sqrt()
def cdf(z):
    z = D(z)
    t = z; s = z; k = 1
    while abs(t) > D(10)**-690:
        k += 2; t = t*z*z/k; s += t
        if t == 0: break
    return D('0.5') + phi(z)*s
def quantile(p):
    p = D(p)
    lo, hi = D(-40), D(40)
    for _ in range(60):
        mid = (lo+hi)/2
        if cdf(mid) < p: lo = mid
        else: hi = mid
    z = (lo+hi)/2
    for _ in range(6): z -= (cdf(z)-p)/phi(z)
    return z

# ---- fixed integer series: LCG (Numerical Recipes), normal scores by Box-Muller, rounded ----
class LCG:
    def __init__(s, seed): s.x = seed
    def u(s):
        s.x = (1664525*s.x + 1013904223) % 2**32
        return (s.x + 0.5)/2**32
    def n(s): return math.sqrt(-2*math.log(s.u()))*math.cos(2*math.pi*s.u())
def ar(seed, n, rho, scale=100, mean=0.0):
    g = LCG(seed); x = 0.0; out = []
    for _ in range(50): g.n()
    x = g.n()/math.sqrt(1-rho*rho)
    for _ in range(n):
        out.append(round(scale*x + mean)); x = rho*x + g.n()
    return out

def acov(x, k):
    n = len(x); m = F(sum(x), n)
    return sum((F(x[t])-m)*(F(x[t+k])-m) for t in range(n-k))/n
def acovs(x, K):  # exact and quick for integers: with y = n x - sum
    n = len(x); s = sum(x); y = [n*v - s for v in x]
    return [F(sum(y[t]*y[t+k] for t in range(n-k)), n**3) for k in range(K+1)]

# ---- Geyer 1992, initial monotone sequence: sigma^2 = -g0 + 2 sum G_m, G_m = g(2m)+g(2m+1), positive, running minimum ----
def geyer(x):
    n = len(x)
    g = acovs(x, n-1)
    if g[0] == 0: return F(0)
    G = [g[2*m]+g[2*m+1] for m in range(n//2)]
    pos = list(itertools.takewhile(lambda v: v > 0, G))
    mono = list(itertools.accumulate(pos, min))
    tau = (2*sum(mono) - g[0])/g[0]
    return min(F(n), F(n)/max(F(1), tau))

# ---- Politis-White 2004 / Patton-Politis-White 2009, stationary bootstrap ----
def block(x, convention='paper'):
    n = len(x)
    KN = max(5, math.ceil(math.sqrt(math.log10(n))))
    mmax = math.ceil(math.sqrt(n)) + KN
    bmax = math.ceil(min(3*math.sqrt(n), n/3))
    c = 2*math.sqrt(math.log10(n)/n)
    g = acovs(x, mmax)
    rho = [v/g[0] for v in g]
    mh = None
    for m in range(0, mmax-KN+1):           # smallest m >= 0 with |rho(m+k)| < c, k = 1..KN
        if all(abs(rho[m+k]) < c for k in range(1, KN+1)): mh = m; break
    found = mh
    if mh is None:
        big = [k for k in range(1, mmax+1) if abs(rho[k]) > c]
        mh = max(big)
    elif convention == 'patton': mh = mh+1  # Patton's MATLAB, R np::b.star, arch: the first quiet lag itself
    M = min(2*max(mh, 1), mmax)
    lam = lambda t: F(1) if abs(t) <= F(1,2) else (2*(1-abs(t)) if abs(t) <= 1 else F(0))
    gam = lambda k: g[abs(k)]
    G = sum(lam(F(k,M))*abs(k)*gam(k) for k in range(-M, M+1))
    g0 = sum(lam(F(k,M))*gam(k) for k in range(-M, M+1))
    Dsb = 2*g0*g0
    b = float(2*G*G/Dsb*n)**(1/3)
    return dict(n=n, KN=KN, mhat=mh, fallback=found is None, M=M, mmax=mmax, bmax=bmax, G=float(G), g0=float(g0), raw=b, b=min(max(1.0, b), bmax))

# ---- PBO, Bailey et al.: every half; rank of the inside best among the outside; ties at the middle 1/2; inside ties averaged or first ----
def pbo(rows, parts, ties='first', middle=F(1,2)):
    n = len(rows[0]); N = len(rows)
    cut = [p*n//parts for p in range(parts+1)]
    tot = [[sum(r[cut[p]:cut[p+1]]) for p in range(parts)] for r in rows]
    acc = F(0); ways = 0
    for half in itertools.combinations(range(parts), parts//2):
        other = [p for p in range(parts) if p not in half]
        ins = [sum(t[p] for p in half) for t in tot]; out = [sum(t[p] for p in other) for t in tot]
        best = [k for k in range(N) if ins[k] == max(ins)]
        if ties == 'first': best = best[:1]
        v = F(0)
        for b in best:
            rank = F(1) + sum(o < out[b] for o in out) + F(sum(o == out[b] for o in out)-1, 2)   # mid-rank
            w = rank/(N+1)
            v += 1 if w < F(1,2) else (middle if w == F(1,2) else 0)
        acc += v/len(best); ways += 1
    return acc/ways

# ---- deflated Sharpe ----
GAMMA = D('0.57721566490153286060651209008240243104215933593992')
def emax_formula(N):
    if N <= 1: return D(0)
    e = D(1).exp()
    return (1-GAMMA)*quantile(1-D(1)/D(N)) + GAMMA*quantile(1-D(1)/(D(N)*e))
def Phi(z): return 0.5*math.erfc(-z/math.sqrt(2))
def emax_exact(N):  # of real N: int_0^inf 1-Phi^N - int_-inf^0 Phi^N, Simpson
    h = 0.001; m = 12000
    f = lambda z: (1-Phi(z)**N) - Phi(-z)**N
    s = f(0)+f(m*h)+4*sum(f((2*i+1)*h) for i in range(m//2))+2*sum(f(2*i*h) for i in range(1, m//2))
    return s*h/3
def dsr(x, T, N):
    n = len(x); m = F(sum(x), n)
    c2 = sum((F(v)-m)**2 for v in x); c3 = sum((F(v)-m)**3 for v in x); c4 = sum((F(v)-m)**4 for v in x)
    d = lambda q: D(q.numerator)/D(q.denominator)
    sr = d(m)/(d(c2/(n-1))).sqrt()
    sk = d(c3/n)/(d(c2/n)*d(c2/n).sqrt())
    ku = d(c4/n)/d(c2/n)**2
    T = D(T)
    sr0 = emax_formula(N)/(T-1).sqrt()
    z = (sr-sr0)*(T-1).sqrt()/(1-sk*sr+(ku-1)/4*sr*sr).sqrt()
    return dict(sharpe=float(sr), skew=float(sk), kurtosis=float(ku), sr0=float(sr0), z=float(z), p=float(cdf(z)))
def participation(rows):
    n = len(rows[0]); used = [r for r in rows if len(set(r)) > 1]
    c = lambda a, b: sum((F(x)-F(sum(a),n))*(F(y)-F(sum(b),n)) for x, y in zip(a, b))
    return F(len(used)**2)/sum(c(a,b)**2/(c(a,a)*c(b,b)) for a in used for b in used) if used else F(0)

# ---- reality check: all n^n resamples, each with its probability under the stationary bootstrap of mean block length L ----
def reality(rows, L):
    n = len(rows[0]); p = F(1)/F(L)
    tot = [sum(r) for r in rows]
    ss = [sum((F(v)-F(t,n))**2 for v in r) for r, t in zip(rows, tot)]
    floor = max(ss)/16
    e2 = [max(s, floor) for s in ss]
    # compare a/sqrt(e_a) >= b/sqrt(e_b), signs kept, exactly
    key = lambda a, e: (1 if a > 0 else -1 if a < 0 else 0)*F(a)*F(a)/e
    best = max(key(t, e) for t, e in zip(tot, e2))
    if best <= 0: return F(1), F(1)
    ge = gt = F(0)
    jump = p/n; stay = 1-p+p/n
    for seq in itertools.product(range(n), repeat=n):
        sums = [sum(r[i] for i in seq) for r in rows]
        v = max(key(s-t, e) for s, t, e in zip(sums, tot, e2))
        if v < best: continue
        pr = F(1, n)
        for a, b in zip(seq, seq[1:]): pr *= stay if b == (a+1) % n else jump
        ge += pr
        if v > best: gt += pr
    return ge, gt

# ---- stationary bootstrap: second moments of the multiplicities ----
def follow(n, L):
    p = F(1)/F(L); return dict(next=1-p+p/n, other=p/n)
def moments(n, L):
    """E[times_0 times_j], j = 0..n-1"""
    q = 1-F(1)/F(L)
    out = []
    for j in range(n):
        s = F(0)
        for a in range(n):
            for b in range(n):
                d = abs(a-b); step = j if b >= a else (-j) % n
                s += F(1,n)*(q**d*(1 if step == d % n else 0) + (1-q**d)/n)
        out.append(s)
    return out
def mean_variance(x, L):
    """Of the mean of a resample: exactly, from the moments of the multiplicities."""
    n = len(x); m = F(sum(x), n); q = 1-F(1)/F(L)
    circ = [sum((F(x[t])-m)*(F(x[(t+k)%n])-m) for t in range(n))/n for k in range(n)]
    return (circ[0] + 2*sum((1-F(k,n))*q**k*circ[k] for k in range(1,n)))/n

if __name__ == '__main__':
    out = {}
    zs = [-37,-20,-12,-8,-7.0710678125,-7.0625,-5,-3,-1.96,-1,-0.5,0,0.0078125,0.5,1,1.5,2.326,3,5,7.5]
    out['cdf'] = [[z, float(cdf(D(z)))] for z in zs]
    ps = [1e-300,1e-100,1e-20,1e-12,1.4e-11,1e-6,0.001,0.01,0.025,0.0749,0.075,0.0751,0.25,0.5,0.6321205588285577,0.75,0.9,0.925,0.975,0.999999]
    out['quantile'] = [[p, float(quantile(D(p)))] for p in ps]
    out['expectedMaximum'] = [[N, float(emax_formula(N)), emax_exact(N)] for N in [1,1.01,1.1,1.25,1.5,1.6,1.75,2,3,4,5,10,76]]
    series = {
      'white': ar(20240, 200, 0.0), 'ar5': ar(20241, 300, 0.5), 'ar9': ar(20242, 500, 0.9),
      'short': [3,-1,4,1,-5,9,2,-6,5,3], 'swings': [5,-5,4,-4,5,-5,4,-4], 'trend': list(range(1,25)),
    }
    out['series'] = series
    out['effective'] = {k: float(geyer(v)) for k, v in series.items()}
    out['block'] = {k: block(v) for k, v in series.items() if k in ('white','ar5','ar9','trend')}
    out['blockPatton'] = {k: block(v,'patton') for k, v in series.items() if k in ('white','ar5','ar9','trend')}
    g = LCG(7)
    A = [[3,1,-2,4,0,-1,2,5],[1,2,3,-4,2,2,-1,0],[-2,0,5,1,-3,4,1,-2]]
    B = [[round(10*g.n()) for _ in range(13)] for _ in range(4)]
    C = [[round(10*g.n())+(2 if k==0 else 0) for _ in range(24)] for k in range(7)]
    Dm = [[1,0,0,0,2,0,-3,0],[1,0,0,0,-2,0,3,0],[0,1,0,0,0,0,0,0]]
    out['matrices'] = {'A':A,'B':B,'C':C,'D':Dm}
    out['pbo'] = {n:{str(p):{'half':float(pbo(m,p)),'averaged':float(pbo(m,p,'all')),'lambda<=0':float(pbo(m,p,'first',F(1)))} for p in (4,6)} for n,m in out['matrices'].items()}
    pnl = ar(99, 60, 0.0, 100, 40)
    skewed = [ -250 if i%12==5 else 40+(7*i)%23 for i in range(60)]
    flat = [1,2,1,2,1,2,1,3]
    out['dsrSeries'] = {'normal':pnl,'skewed':skewed,'flat':flat}
    out['dsr'] = [dict(series=k, effective=T, trials=N, **dsr(out['dsrSeries'][k],T,N)) for k,T,N in [('normal',60,1),('normal',60,5),('normal',41.5,76),('skewed',60,5),('skewed',30,2),('flat',8,76),('flat',8,1)]]
    out['participation'] = {k: float(participation(m)) for k,m in {**out['matrices'], 'twins':[A[0],A[0],A[1]], 'withFlat':[A[0],[2]*8,A[1]], 'one':[A[0]]}.items()}
    R5 = [[3,-1,4,1,2],[-2,5,-1,3,-4],[1,1,-2,0,3]]
    R6 = [[2,-1,3,0,1,-2],[-3,4,1,-1,2,1],[0,0,1,0,0,0]]
    R4 = [[7,2,-3,1],[-1,3,2,-5],[2,-2,1,1]]
    out['reality'] = []
    for name, rows, L in [('R5',R5,1),('R6',R6,1),('R4',R4,1),('R5',R5,2),('R4',R4,4),('floor',[[103, 50, 52, 23, -66], [-13, 8, -15, -3, -25], [3, -1, 2, 2, 4]],1)]:
        ge, gt = reality(rows, L)
        out['reality'].append(dict(name=name, rows=rows, L=L, p=float(ge), strictly=float(gt), exact=str(ge) if len(str(ge))<60 else None))
    out['moments'] = [dict(n=n, L=L, values=[float(v) for v in moments(n,L)], **{k:str(v) for k,v in follow(n,L).items()}) for n,L in [(6,1),(8,4),(8,2.5)]]
    w = series['white']; a = series['ar5']
    out['interval'] = []
    for name, x, L in [('white',w,1),('ar5',a,1),('ar5',a,12)]:
        m = F(sum(x),len(x)); v = mean_variance(x,L)
        out['interval'].append(dict(series=name, L=L, mean=float(m), sd=math.sqrt(v), low=float(m)-1.959963984540054*math.sqrt(v), high=float(m)+1.959963984540054*math.sqrt(v)))
    json.dump(out, open('gates.fixtures.json', 'w'), indent=1)
    for k in ('cdf','quantile','expectedMaximum','effective','block','blockPatton','pbo','dsr','participation','reality','moments','interval'):
        print(k); print('  ', json.dumps(out[k]))
