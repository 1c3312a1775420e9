/** A call that several callers wait for: it goes on while one of them is there, and is given up when the last has left. */
import { Leaving } from '#core/domain/leave-signal.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { leavingProblem, Problem } from '#core/domain/problem.ts'

export interface SharedCall {
  /** Aborted when everybody has left. */
  readonly signal: LeaveSignal
  /** Counts a caller in until its own signal is aborted or the returned function is called. */
  enter(callerSignal: LeaveSignal): () => void
  /** What the call came to. Throws why this caller was broken off, when it leaves others behind. */
  outcomeFor<T>(outcome: Promise<T>, callerSignal: LeaveSignal): Promise<T>
  /** The call has ended: nobody can join it any more. */
  end(): void
}

export interface SharedCallTerms {
  /** How long the call goes on after the last caller left. */
  readonly lingerMs: number
  readonly pause: (durationMs: number, signal: LeaveSignal) => Promise<void>
  /** Told once, when nobody can join any more. */
  readonly over: () => void
}

export function createSharedCall({ lingerMs, pause, over }: SharedCallTerms): SharedCall {
  const leaving = new Leaving()
  let waiting = 0
  let isOver = false
  let lingering: Leaving | undefined

  const end = () => {
    if (isOver) return
    isOver = true
    lingering?.abort()
    over()
  }
  const giveUp = (reason: unknown) => {
    if (isOver) return
    end()
    leaving.abort(reason)
  }
  const lastLeft = ({ reason }: LeaveSignal) => {
    // What the gateway itself breaks off, because it stops, does not go on.
    if (lingerMs === 0 || reason instanceof Problem) return giveUp(reason)
    lingering = new Leaving()
    pause(lingerMs, lingering).then(
      () => giveUp(reason),
      () => undefined,
    )
  }

  return {
    signal: leaving,
    enter(callerSignal) {
      let isHere = true
      lingering?.abort()
      lingering = undefined
      waiting++
      const leave = () => {
        if (!isHere) return
        isHere = false
        waiting--
        callerSignal.removeEventListener('abort', leave)
        if (waiting === 0 && !isOver) lastLeft(callerSignal)
      }
      if (callerSignal.aborted) leave()
      else callerSignal.addEventListener('abort', leave, { once: true })
      return leave
    },
    outcomeFor(outcome, callerSignal) {
      return new Promise((resolve, reject) => {
        const onLeave = () => {
          // The last one out hears how the call ended, so that nothing is still open when its request is over.
          if (waiting > 0) reject(leavingProblem(callerSignal))
        }
        if (callerSignal.aborted) onLeave()
        else callerSignal.addEventListener('abort', onLeave, { once: true })
        outcome.then(resolve, reject).finally(() => callerSignal.removeEventListener('abort', onLeave))
      })
    },
    end,
  }
}
