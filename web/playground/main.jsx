import { createRoot } from 'react-dom/client';
import { Playground } from './playground.jsx';
import './playground.css';
import './narrow-screen.css';

createRoot(document.getElementById('playground')).render(<Playground />);
