/** A tilted photo with its location becomes an upright one with a link. */
export function Illustration() {
  return (
    <svg class="illustration" viewBox="0 0 420 150" aria-hidden="true" focusable="false">
      <g transform="rotate(-11 80 78)">
        <Photo x={24} y={36} />
        <g class="pin">
          <path d="M118 26c-8 0-13 6-13 13 0 9 13 21 13 21s13-12 13-21c0-7-5-13-13-13z" />
          <circle cx="118" cy="39" r="4.5" />
        </g>
      </g>
      <path class="way" d="M158 78h66m0 0-9-8m9 8-9 8" />
      <Photo x={246} y={20} />
      <circle class="done" cx="358" cy="24" r="13" />
      <path class="tick" d="m352 24 4.5 4.5 8-9" />
      <rect class="link-box" x="222" y="118" width="172" height="26" rx="13" />
      <text class="link-text" x="238" y="135">
        img.shop.cn/5f/main.jpg
      </text>
    </svg>
  );
}

function Photo({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect class="frame" width="112" height="84" rx="8" />
      <rect class="sky" x="7" y="7" width="98" height="70" rx="4" />
      <circle class="sun" cx="80" cy="27" r="8" />
      <path
        class="far"
        d="M7 60c14-16 24-20 34-10s18 10 30-4 22-12 34-2v29a4 4 0 0 1-4 4H11a4 4 0 0 1-4-4z"
      />
      <path class="near" d="M7 66c16-8 28-8 44 0s34 8 54-2v9a4 4 0 0 1-4 4H11a4 4 0 0 1-4-4z" />
    </g>
  );
}
