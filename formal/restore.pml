/* The sender S is restored from an older copy (wire-v1 §6, "Restored copies") and composes offline before it meets R again,
   possibly more than the copy lacks. One direction, S -> R. Checked with Spin.

   A message has an identity (its msg_id) and stands at a position n of a stream. S makes FIRST messages and has some
   of them delivered; then it is rolled back to a copy that holds the first KEPT of them, and composes MORE new ones at
   the positions that the copy says are free. On reconnection R's SYNC names its mark: the number and the id there.

   Broken variants, which must be caught:
     -DSAME_STREAM   S goes on under the old stream whatever the mark says
     -DNUMBER_ONLY   S compares only the number of the mark with what it made, not the id there
     -DNO_SAME_IDS   under the new stream, messages get new ids (what R already holds is stored a second time)
     -DSILENT        messages that only R holds are not reported
*/
#define FIRST 2      /* composed before the roll-back: ids 1..FIRST */
#define MORE 2       /* composed after it: ids FIRST+1..FIRST+MORE */
#define IDS 8
#define NOBODY 0

byte kept;                 /* how many of the first messages the copy holds */
byte sent_before;          /* how many R got before the roll-back */

/* S, durable: the id at each position of its current stream; acknowledged up to */
byte made = 0; byte acked = 0; byte at[6]; byte stream = 0;
/* R, durable: its mark per stream; the id there; how often each id is in the log */
byte mark[2]; byte markid[2]; byte log[IDS];
byte told[IDS];            /* S showed its user "delivered" for this id */
bool lost_reported = false;
bool done = false;

inline deliver() {         /* R takes S's next message of the current stream, or acknowledges what it has */
  byte n = acked + 1;
  if
  :: n == mark[stream] + 1 ->
     if
     :: log[at[n]] == 0 -> log[at[n]]++            /* new to the log */
     :: else -> skip                               /* known id: a tombstone holds the position */
     fi;
     mark[stream] = n; markid[stream] = at[n]
  :: else -> skip                                  /* a repetition: acknowledged again */
  fi;
  acked = (mark[stream] < made -> mark[stream] : made)
}

proctype System() {
  byte i;
  /* before: FIRST messages, some delivered */
  atomic { made = FIRST; i = 1; do :: i <= FIRST -> at[i] = i; i++ :: else -> break od }
  atomic { if :: sent_before = 0 :: sent_before = 1 :: sent_before = FIRST fi;
           i = 0; do :: i < sent_before -> deliver(); told[at[acked]] = 1; i++ :: else -> break od }
  /* the roll-back: the copy was made at any earlier moment, with whatever acknowledgement it knew of */
  atomic { if :: kept = 0 :: kept = 1 :: kept = FIRST fi;
           made = kept; if :: acked > kept -> acked = kept :: else fi;
           if :: acked = 0 :: skip fi;
           i = kept + 1; do :: i < 6 -> at[i] = NOBODY; i++ :: else -> break od }
  /* composes offline; the positions follow those of the copy */
  atomic { i = 1; do :: i <= MORE -> made++; at[made] = FIRST + i; i++ :: else -> break od }
  /* meets R: the mark of the current stream */
  atomic {
    byte m = mark[0]; byte mid = markid[0];
#ifdef SAME_STREAM
    if :: m > acked && m <= made -> acked = m :: else fi
#else
    bool foreign;
#ifdef NUMBER_ONLY
    foreign = (m > made);
#else
    foreign = (m > made || (m > 0 && at[m] != mid));
#endif
    if
    :: foreign ->
#ifndef SILENT
       lost_reported = true;                       /* "messages that only the other side still has" */
#endif
       stream = 1;
       /* everything unacknowledged is renumbered, with the same ids */
       byte k = 0; byte fresh[6];
       i = acked + 1;
       do
       :: i <= made -> k++;
#ifdef NO_SAME_IDS
          fresh[k] = (at[i] <= FIRST -> at[i] + FIRST + MORE : at[i]);
#else
          fresh[k] = at[i];
#endif
          i++
       :: else -> break
       od;
       i = 1; do :: i <= k -> at[i] = fresh[i]; i++ :: else -> break od;
       made = k; acked = 0
    :: else -> if :: m > acked -> acked = m :: else fi
    fi
#endif
  }
  /* what was acknowledged counts as delivered for the user */
  atomic { if :: stream == 0 -> i = 1; do :: i <= acked -> told[at[i]] = 1; i++ :: else -> break od :: else fi }
  do
  :: atomic { acked < made -> deliver(); told[at[acked]] = 1 }
  :: atomic { acked >= made -> break }
  od;
  done = true
}
init {
  atomic { run System() }
}

/* every message that S composed after the roll-back is in R's log once, nothing is there twice, and "delivered" is true */
#define NEW_ONCE (log[FIRST + 1] == 1 && log[FIRST + 2] == 1)
#define NOTHING_TWICE (log[1] <= 1 && log[2] <= 1 && log[5] == 0 && log[6] == 0)
#define TRUTH (told[3] <= log[3] && told[4] <= log[4])
ltl safe { [] ((!done || NEW_ONCE) && NOTHING_TWICE && (!done || TRUTH)) }
/* what R holds and the copy lacks is reported */
ltl reported { [] (!done || !(log[1] == 1 && kept < 1) || lost_reported) }
