import { createRoot } from 'react-dom/client';
import { Playground } from './playground.jsx';
import './playground.css';

createRoot(document.getElementById('playground')).render(<Playground />);
