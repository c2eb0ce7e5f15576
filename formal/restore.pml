/* Copies that were restored (wire-v1 §6.5), one direction S -> R. Either disk may be set back to any copy that was made of
   it, again and again, "sideways" too (to a copy from before an earlier restore); S composes whenever it likes, so also
   offline on the restored copy: fewer, as many and more messages than the copy lacks. Checked with Spin.

   A message has an identity (its msg_id: 1..IDS, never used twice) and stands at a position of a stream. Streams are drawn
   from a source that nobody sets back (random numbers). R's SYNC is computed before S acts on it; in between, what
   an earlier session had under way may still arrive. The rules:
     R  names in SYNC, first, the stream that it stored something of last, with the last position and the id there
     R  takes messages on the session of its latest SYNC alone, so that SYNC stays true until S acts on it
     S  SYNC names nothing:                                   R holds nothing; send everything
     S  its first mark is on our stream, at a message we sent: acked = mark, whatever was acked before
     S  anything else:                                        report, new stream, everything held goes to it, same ids

   Claim, wherever S and R are connected and have nothing more to do: what S holds, R holds, once; what only R holds, S's
   user was told of, and R's user as soon as S has anything to send; and three undisturbed sessions are enough to get there.

   Broken variants, which must be caught:
     -DSAME_STREAM     S goes on under the old stream whatever the mark says
     -DNUMBER_ONLY     S compares only the number of the mark with what it sent, not the id there
     -DNO_SAME_IDS     R does not know a message again by its id under the new stream
     -DSILENT          messages that only R holds are not reported to S's user
     -DSILENT_THERE    ... to R's user
     -DUNACKED_ONLY    only what is unacknowledged goes to the new stream: R may have lost the rest since
     -DOWN_MARK        S looks for its own stream anywhere in SYNC, not only in the first place
     -DABSENT_NOTHING  S takes a SYNC that does not name its stream for "R holds nothing of it"
     -DNO_REWIND       S does not believe a mark below what was acknowledged
     -DLATE_TAKEN      R goes on taking messages of an older session after its SYNC on a newer one
*/
#ifndef IDS
#define IDS 4        /* messages ever composed; also the highest position */
#endif
#ifndef STREAMS
#define STREAMS 5    /* streams ever begun; one more than that fails an assertion */
#endif
#ifndef S_COPIES
#define S_COPIES 1
#endif
#ifndef R_COPIES
#define R_COPIES 2
#endif
#ifndef S_RESTORES
#define S_RESTORES 1
#endif
#ifndef R_RESTORES
#define R_RESTORES 2
#endif
#ifndef CUTS
#define CUTS 0
#endif
#define NONE 0
#define AT(s, n) (((s) - 1) * IDS + (n) - 1)

/* A sender's disk. stream NONE: nothing was ever composed. */
typedef Sender { byte stream; byte made; byte wired; byte acked; byte id[IDS + 1] }
/* A receiver's disk: the id at each position, tombstones of known ids among them; the mark is the highest position. */
typedef Receiver { byte last; byte mark[STREAMS + 1]; byte id[STREAMS * IDS] }

Sender s; Sender s_copy[S_COPIES]; byte s_copies = 0; byte s_restores = S_RESTORES;
Receiver r; Receiver r_copy[R_COPIES]; byte r_copies = 0; byte r_restores = R_RESTORES;
Sender no_sender; Receiver no_receiver;    /* what a copy becomes when nobody will go back to it any more: fewer states */
byte composed = 0; byte streams = 0; byte cuts = CUTS;

/* The session. */
bool up = false; bool synced = false;      /* synced: R's SYNC is on its way, S has not acted on it */
byte sync_stream, sync_mark, sync_id;
byte next;                                 /* the position that S sends next */
byte ack = 0;                              /* R's latest cumulative ACK, not read yet */
byte sessions = 0;                         /* since the last disturbance */
chan data = [2] of { byte, byte, byte };   /* stream, n, id */
chan late = [2] of { byte, byte, byte };   /* what an ended session still had under way */

byte s_told = 0; byte r_told = 0;           /* the user was told that only R may hold this one */
bool doubled = false; bool untrue = false;

hidden byte i, j, k; hidden byte ms, mn, mi; hidden byte found;

inline copy_sender(to, from) {
  to.stream = from.stream; to.made = from.made; to.wired = from.wired; to.acked = from.acked;
  i = 1; do :: i <= IDS -> to.id[i] = from.id[i]; i++ :: else -> break od; i = 0
}
inline copy_receiver(to, from) {
  to.last = from.last;
  i = 0; do :: i <= STREAMS -> to.mark[i] = from.mark[i]; i++ :: else -> break od;
  i = 0; do :: i < STREAMS * IDS -> to.id[i] = from.id[i]; i++ :: else -> break od; i = 0
}
inline sent_holds(x) {       /* found: S's disk has message x */
  found = false; j = 1;
  do :: j <= s.made -> if :: s.id[j] == x -> found = true :: else fi; j++ :: else -> break od; j = 0
}
inline log_holds(x) {        /* found: R's disk has message x */
  found = false; j = 0;
  do :: j < STREAMS * IDS -> if :: r.id[j] == x -> found = true :: else fi; j++ :: else -> break od; j = 0
}
inline tell(who) {           /* of every message that R holds and S does not */
  i = 1;
  do
  :: i <= IDS -> log_holds(i);
     if :: found -> sent_holds(i); if :: !found -> who = who | (1 << i) :: else fi :: else fi; i++
  :: else -> break
  od; i = 0
}
inline end_session() {       /* what was on its way to R may still arrive, until R hears from S on a newer session */
  up = false; synced = false; ack = 0; next = 0; sync_stream = 0; sync_mark = 0; sync_id = 0;
  do :: nempty(data) && nfull(late) -> data?ms,mn,mi; late!ms,mn,mi
     :: nempty(data) && full(late) -> data?ms,mn,mi
     :: empty(data) -> break od; ms = 0; mn = 0; mi = 0
}
inline forget_late() { do :: nempty(late) -> late?ms,mn,mi :: empty(late) -> break od; ms = 0; mn = 0; mi = 0 }

inline go_back_sender(copy) {
  s_restores--; sessions = 0; copy_sender(s, s_copy[copy]); end_session();
  if :: s_restores == 0 -> do :: s_copies > 0 -> s_copies--; copy_sender(s_copy[s_copies], no_sender) :: else -> break od :: else fi
}
inline go_back_receiver(copy) {
  r_restores--; sessions = 0; copy_receiver(r, r_copy[copy]); end_session(); forget_late();
  if :: r_restores == 0 -> do :: r_copies > 0 -> r_copies--; copy_receiver(r_copy[r_copies], no_receiver) :: else -> break od :: else fi
}

inline begin_stream() { assert(streams < STREAMS); streams++; s.stream = streams; s.wired = 0; s.acked = 0 }

inline new_stream() {
#ifdef UNACKED_ONLY
  k = s.acked;               /* what stays behind is still S's: kept in left[] so that the claim covers it */
  i = 1; do :: i <= k -> left[s.id[i]] = true; i++ :: else -> break od;
  i = 1; do :: i + k <= s.made -> s.id[i] = s.id[i + k]; i++ :: else -> break od;
  do :: i <= IDS -> s.id[i] = 0; i++ :: else -> break od;
  s.made = s.made - k; i = 0; k = 0;
#endif
  begin_stream()
}
#ifdef UNACKED_ONLY
bool left[IDS + 1];
#endif

/* R takes one message: stores it, or says how far it is. */
inline take(on_session) {
  if
  :: mn == r.mark[ms] + 1 ->
#ifndef SILENT_THERE
     if :: mn == 1 && r.last != NONE -> tell(r_told) :: else fi;       /* a stream begins although there was one */
#endif
     log_holds(mi);
#ifdef NO_SAME_IDS
     if :: found -> doubled = true :: else fi;
#endif
     r.id[AT(ms, mn)] = mi; r.mark[ms] = mn; r.last = ms;
     if :: on_session -> ack = mn :: else fi
  :: else -> if :: on_session -> ack = r.mark[ms] :: else fi           /* a repetition or a gap */
  fi; ms = 0; mn = 0; mi = 0
}

inline act_on_sync() {
  synced = false; up = true; ack = 0; forget_late();                      /* R closes the older session on S's first record */
#ifdef OWN_MARK
  if :: s.stream != NONE && r.mark[s.stream] > 0 && sync_stream != NONE -> sync_stream = s.stream; sync_mark = own_mark; sync_id = own_id :: else fi;
#endif
#ifdef ABSENT_NOTHING
  if :: sync_stream != s.stream -> sync_stream = NONE; sync_mark = 0; sync_id = 0 :: else fi;
#endif
  if
  :: sync_stream == NONE -> s.acked = 0
#ifdef SAME_STREAM
  :: sync_stream != NONE ->
     if :: sync_stream != s.stream -> s.acked = 0 :: else -> s.acked = (sync_mark < s.made -> sync_mark : s.made) fi;
     s.wired = (s.acked > s.wired -> s.acked : s.wired); tell(s_told)
#else
#ifdef NUMBER_ONLY
  :: sync_stream != NONE && sync_stream == s.stream && sync_mark <= s.wired ->
#else
  :: sync_stream != NONE && sync_stream == s.stream && sync_mark <= s.wired && s.id[sync_mark] == sync_id ->
#endif
#ifdef NO_REWIND
     s.acked = (sync_mark > s.acked -> sync_mark : s.acked)
#else
     s.acked = sync_mark
#endif
  :: else ->
#ifndef SILENT
     tell(s_told);
#endif
     if :: s.stream != NONE -> new_stream() :: else fi
#endif
  fi;
  next = s.acked + 1; sync_stream = 0; sync_mark = 0; sync_id = 0
#ifdef OWN_MARK
  ; own_mark = 0; own_id = 0
#endif
}
#ifdef OWN_MARK
byte own_mark, own_id;
#endif

#define SETTLED (up && s.acked == s.made && next == s.made + 1 && empty(data) && ack == 0)

active proctype System() {
  do
  /* S composes: connected or not */
  :: d_step { composed < IDS ->
       if :: s.stream == NONE -> begin_stream(); if :: up -> next = 1 :: else fi :: else fi;
       composed++; s.made++; s.id[s.made] = composed }
  /* copies of either disk, and back to one of them; the process there is another one afterwards */
  :: d_step { s_restores > 0 && s_copies < S_COPIES -> copy_sender(s_copy[s_copies], s); s_copies++ }
  :: d_step { r_restores > 0 && r_copies < R_COPIES -> copy_receiver(r_copy[r_copies], r); r_copies++ }
  :: d_step { s_restores > 0 && s_copies > 0 -> go_back_sender(0) }
#if S_COPIES > 1
  :: d_step { s_restores > 0 && s_copies > 1 -> go_back_sender(1) }
#endif
  :: d_step { r_restores > 0 && r_copies > 0 -> go_back_receiver(0) }
#if R_COPIES > 1
  :: d_step { r_restores > 0 && r_copies > 1 -> go_back_receiver(1) }
#endif
  :: d_step { cuts > 0 && up -> cuts--; sessions = 0; end_session() }
  /* a session: R's SYNC, late arrivals, S acts */
  :: d_step { !up && !synced -> assert(sessions < 3); sessions++; synced = true;
       sync_stream = r.last; sync_mark = r.mark[r.last];
       if :: r.last != NONE -> sync_id = r.id[AT(r.last, sync_mark)] :: else fi
#ifdef OWN_MARK
       ; if :: s.stream != NONE && r.mark[s.stream] > 0 -> own_mark = r.mark[s.stream]; own_id = r.id[AT(s.stream, own_mark)] :: else fi
#endif
     }
#ifdef LATE_TAKEN
  :: d_step { !up && nempty(late) -> late?ms,mn,mi; take(false) }
#else
  :: d_step { !up && !synced && nempty(late) -> late?ms,mn,mi; take(false) }
#endif
  :: d_step { synced -> act_on_sync() }
  /* messages and acknowledgements */
  :: d_step { up && next <= s.made && nfull(data) ->
       if :: next > s.wired -> s.wired = next :: else fi; data!s.stream,next,s.id[next]; next++ }
  :: d_step { up && nempty(data) -> data?ms,mn,mi; take(true) }
  :: d_step { up && ack > 0 ->
       if
       :: ack > s.wired -> end_session()                                    /* an ACK of what was never sent */
       :: else ->
          if :: ack > s.acked -> log_holds(s.id[ack]); if :: !found -> untrue = true :: else fi; s.acked = ack :: else fi;
          if :: next <= s.acked -> next = s.acked + 1 :: else fi; ack = 0
       fi }
  /* the claim, wherever there is nothing more to do */
  :: d_step { SETTLED ->
       i = 1;
       do
       :: i <= IDS ->
          sent_holds(i);
#ifdef UNACKED_ONLY
          if :: left[i] -> found = true :: else fi;
#endif
          if
          :: found -> log_holds(i); assert(found)
          :: else -> log_holds(i); if :: found -> assert((s_told & (1 << i)) && (s.made == 0 || (r_told & (1 << i)))) :: else fi
          fi; i++
       :: else -> break
       od; i = 0; found = false; assert(!doubled && !untrue) } ; break
  od
}
